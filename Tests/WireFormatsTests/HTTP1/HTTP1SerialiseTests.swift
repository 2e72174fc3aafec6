import Testing
import WireFormats

@Suite("HTTP/1 heads on their way on")
struct HTTP1SerialiseTests {
    private func request(_ head: String, _ forwarding: HTTP1Forwarding = HTTP1Forwarding(), extra: String = "") throws -> String {
        let parsed = try #require(try HTTP1Feed.request(head.replacing("\n", with: "\r\n")))
        var output: [UInt8] = []
        parsed.head.append(normalised: forwarding, extra: Array(extra.utf8), to: &output)
        return String(decoding: output, as: UTF8.self).replacing("\r\n", with: "\n")
    }

    private func response(_ head: String, _ forwarding: HTTP1Forwarding = HTTP1Forwarding(), to version: HTTP1Version = .http11, answeringHEAD: Bool = false) throws -> String {
        let parsed = try #require(try HTTP1Feed.response(head.replacing("\n", with: "\r\n"), answeringHEAD: answeringHEAD))
        var output: [UInt8] = []
        parsed.append(normalised: forwarding, to: version, into: &output)
        return String(decoding: output, as: UTF8.self).replacing("\r\n", with: "\n")
    }

    @Test(arguments: [
        // Host comes first and canonical, white space around values goes, names keep their spelling.
        ("GET /a?b HTTP/1.1\nx-A:  b\t\nHost: A.Example.:8443\nAccept:*/*\n\n", "GET /a?b HTTP/1.1\nHost: a.example:8443\nx-A: b\nAccept: */*\n\n"),
        ("GET / HTTP/1.0\nHost: a.example\n\n", "GET / HTTP/1.1\nHost: a.example\n\n"),
        ("GET / HTTP/1.1\nHost: [2606::1]:80\n\n", "GET / HTTP/1.1\nHost: [2606::1]:80\n\n"),
        // What is for this connection only stays here.
        ("GET / HTTP/1.1\nHost: a.example\nConnection: close, X-Hop\nx-hop: 1\nX-End: 2\nKeep-Alive: timeout=5\nProxy-Authorization: x\nproxy-connection: y\nUpgrade: h2c\nHTTP2-Settings: z\n\n", "GET / HTTP/1.1\nHost: a.example\nX-End: 2\n\n"),
        ("GET / HTTP/1.1\nHost: a.example\nTE: gzip;q=1, trailers\nConnection: TE\n\n", "GET / HTTP/1.1\nHost: a.example\nTE: trailers\nConnection: TE\n\n"),
        ("GET / HTTP/1.1\nHost: a.example\nTE: gzip\n\n", "GET / HTTP/1.1\nHost: a.example\n\n"),
        ("POST / HTTP/1.1\nContent-Length:5\nHost: a.example\nTrailer: X\n\n", "POST / HTTP/1.1\nHost: a.example\nContent-Length: 5\n\n"),
        ("POST / HTTP/1.1\ntransfer-encoding:CHUNKED\nHost: a.example\nTrailer: X\n\n", "POST / HTTP/1.1\nHost: a.example\nTrailer: X\nTransfer-Encoding: chunked\n\n"),
        ("POST / HTTP/1.1\nHost: a.example\nExpect: 100-CONTINUE\nContent-Length: 1\n\n", "POST / HTTP/1.1\nHost: a.example\nContent-Length: 1\nExpect: 100-continue\n\n"),
        ("POST / HTTP/1.0\nHost: a.example\nExpect: 100-continue\nContent-Length: 1\n\n", "POST / HTTP/1.1\nHost: a.example\nContent-Length: 1\n\n"),
    ])
    func requests(head: String, written: String) throws {
        #expect(try request(head) == written)
    }

    @Test func requestsAsTheForwarderDecides() throws {
        let head = "GET / HTTP/1.1\nHost: a.example\nConnection: Upgrade\nUpgrade: websocket\n\n"
        #expect(try request(head) == "GET / HTTP/1.1\nHost: a.example\n\n")
        #expect(try request(head, HTTP1Forwarding(keepsUpgrade: true)) == "GET / HTTP/1.1\nHost: a.example\nUpgrade: websocket\nConnection: Upgrade\n\n")
        let post = "POST / HTTP/1.1\nHost: a.example\nContent-Length: 5\nExpect: 100-continue\n\n"
        #expect(try request(post, HTTP1Forwarding(framing: .chunked, keepsExpect: false, closes: true), extra: "X-Extra: 1\r\n") == "POST / HTTP/1.1\nHost: a.example\nTransfer-Encoding: chunked\nConnection: close\nX-Extra: 1\n\n")
    }

    @Test(arguments: [
        ("HTTP/1.0 200 OK\nServer:x\nContent-Length: 5\nConnection: keep-alive, X-Hop\nX-Hop: 1\nKeep-Alive: 5\n\n", "HTTP/1.1 200 OK\nServer: x\nContent-Length: 5\n\n"),
        ("HTTP/1.1 404\nTransfer-Encoding: chunked\n\n", "HTTP/1.1 404 \nTransfer-Encoding: chunked\n\n"),
        ("HTTP/1.1 200 a\tb\u{e9}\nContent-Length: 0\n\n", "HTTP/1.1 200 a?b?\nContent-Length: 0\n\n"),
        ("HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\nConnection: close\n\n"),
        ("HTTP/1.1 304 Not Modified\nContent-Length: 5\n\n", "HTTP/1.1 304 Not Modified\nContent-Length: 5\n\n"),
        ("HTTP/1.1 204 None\nContent-Length: 0\n\n", "HTTP/1.1 204 None\n\n"),
        ("HTTP/1.1 103 Early Hints\nLink: </a>\n\n", "HTTP/1.1 103 Early Hints\nLink: </a>\n\n"),
        ("HTTP/1.1 401 No\nProxy-Authenticate: x\nWWW-Authenticate: y\n\n", "HTTP/1.1 401 No\nWWW-Authenticate: y\nConnection: close\n\n"),
    ])
    func responses(head: String, written: String) throws {
        #expect(try response(head) == written)
    }

    @Test func responsesAsTheForwarderDecides() throws {
        let chunked = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"
        #expect(try response(chunked, to: .http10) == "HTTP/1.1 200 OK\nConnection: close\n\n")
        #expect(try response("HTTP/1.1 200 OK\nContent-Length: 5\n\n", to: .http10) == "HTTP/1.1 200 OK\nContent-Length: 5\nConnection: keep-alive\n\n")
        #expect(try response("HTTP/1.1 200 OK\nContent-Length: 5\n\n", HTTP1Forwarding(framing: .chunked)) == "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n")
        #expect(try response("HTTP/1.1 200 OK\nContent-Length: 5\n\n", answeringHEAD: true) == "HTTP/1.1 200 OK\nContent-Length: 5\n\n")
        let upgrade = "HTTP/1.1 101 Switching Protocols\nConnection: upgrade\nUpgrade: websocket\n\n"
        #expect(try response(upgrade, HTTP1Forwarding(keepsUpgrade: true)) == "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\n\n")
    }

    /// What was written reads back the same: nothing appears or disappears on a second hop.
    @Test(arguments: [
        "GET /a HTTP/1.1\r\nHost: a.example\r\nX: y\r\n\r\n", "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a.example:1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
    ])
    func aSecondHopChangesNothing(head: String) throws {
        var once: [UInt8] = []
        try #require(try HTTP1Feed.request(head)).head.append(to: &once)
        var twice: [UInt8] = []
        try #require(try HTTP1Feed.request(String(decoding: once, as: UTF8.self))).head.append(to: &twice)
        #expect(once == twice)
    }
}

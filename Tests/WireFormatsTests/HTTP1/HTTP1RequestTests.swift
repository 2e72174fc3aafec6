import Testing
import WireFormats

@Suite("HTTP/1 requests")
struct HTTP1RequestTests {
    @Test func readsAWholeHead() throws {
        let text = "POST /v1/messages?beta=true HTTP/1.1\r\nHost: API.Example.com:8443\r\nContent-Length: 42\r\nX-Empty:\r\nX-Pad: \t a b \t\r\n\r\nbody"
        let (head, consumed) = try #require(try HTTP1Feed.request(text))
        #expect(head.methodText == "POST")
        #expect(head.targetText == "/v1/messages?beta=true")
        #expect(head.section.text(head.path) == "/v1/messages")
        #expect(head.version == .http11)
        #expect(head.framing == .length(42))
        #expect(head.keepAlive)
        #expect(!head.expectsContinue)
        #expect(head.upgrade == nil)
        #expect(head.authority.description == "api.example.com:8443")
        #expect(head.isFor(try HostName("api.example.com")))
        #expect(!head.isFor(try HostName("api.example.org")))
        #expect(head.port == 8443)
        #expect(head.section.firstValue(of: "x-pad") == "a b")
        #expect(head.section.firstValue(of: "x-empty") == "")
        #expect(head.section.firstValue(of: "x-none") == nil)
        #expect(consumed == text.utf8.count - 4)
    }

    /// A row: what stands between the request line and the empty line, and how the content is framed.
    @Test(arguments: [
        ("", .none), ("Content-Length: 0\r\n", .length(0)), ("content-length:5\r\n", .length(5)),
        ("CONTENT-LENGTH: 18446744073709551615\r\n", .length(.max)), ("Transfer-Encoding: chunked\r\n", .chunked),
        ("transfer-encoding:Chunked\r\n", .chunked),
    ] as [(String, HTTP1Framing)])
    func framing(fields: String, framing: HTTP1Framing) throws {
        let parsed = try #require(try HTTP1Feed.request("POST / HTTP/1.1\r\nHost: a.example\r\n\(fields)\r\n"))
        #expect(parsed.head.framing == framing)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false), ("HTTP/1.1", "Connection: x, CLOSE\r\n", false),
        ("HTTP/1.1", "Connection: keep-alive\r\n", true), ("HTTP/1.0", "", false), ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
        ("HTTP/1.0", "Connection: keep-alive\r\nConnection: close\r\n", false),
    ])
    func keepAlive(version: String, fields: String, expected: Bool) throws {
        let parsed = try #require(try HTTP1Feed.request("GET / \(version)\r\nHost: a.example\r\n\(fields)\r\n"))
        #expect(parsed.head.keepAlive == expected)
    }

    @Test(arguments: [
        ("Host: a.example", "a.example"), ("host:a.example", "a.example"), ("HOST: A.EXAMPLE.", "a.example"), ("Host: a.example:1", "a.example:1"),
        ("Host: 10.0.0.1", "10.0.0.1"), ("Host: 10.0.0.1:80", "10.0.0.1:80"), ("Host: [2606::1]", "[2606::1]"), ("Host: [2606::1]:443", "[2606::1]:443"),
        ("Host: a_b.example", "a_b.example"),
    ])
    func host(line: String, authority: String) throws {
        let parsed = try #require(try HTTP1Feed.request("GET / HTTP/1.1\r\n\(line)\r\n\r\n"))
        #expect(parsed.head.authority.description == authority)
        #expect(parsed.head.isFor(try HostName("a.example")) == authority.hasPrefix("a.example"))
    }

    @Test(arguments: [
        ("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", "websocket"), ("HTTP/1.1", "Upgrade: websocket\r\n", nil),
        ("HTTP/1.0", "Connection: upgrade\r\nUpgrade: websocket\r\n", nil), ("HTTP/1.1", "Connection: upgrade\r\n", nil),
    ])
    func upgrade(version: String, fields: String, expected: String?) throws {
        let parsed = try #require(try HTTP1Feed.request("GET / \(version)\r\nHost: a.example\r\n\(fields)\r\n"))
        #expect(parsed.head.upgrade.map { parsed.head.section.text($0) } == expected)
    }

    @Test(arguments: [("HTTP/1.1", true), ("HTTP/1.0", false)])
    func expectation(version: String, expected: Bool) throws {
        let parsed = try #require(try HTTP1Feed.request("POST / \(version)\r\nHost: a.example\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n"))
        #expect(parsed.head.expectsContinue == expected)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1", "/", "/"), ("GET /a?b=c%zz%00 HTTP/1.1", "/a?b=c%zz%00", "/a"), ("OPTIONS * HTTP/1.1", "*", "*"),
        ("GET //a/../b HTTP/1.1", "//a/../b", "//a/../b"), ("GET /a%2Fb%C3%A9 HTTP/1.1", "/a%2Fb%C3%A9", "/a%2Fb%C3%A9"),
        ("GET /?http://x/ HTTP/1.1", "/?http://x/", "/"), ("GET /{a}|\"b\" HTTP/1.1", "/{a}|\"b\"", "/{a}|\"b\""),
    ])
    func target(line: String, target: String, path: String) throws {
        let parsed = try #require(try HTTP1Feed.request("\(line)\r\nHost: a.example\r\n\r\n"))
        #expect(parsed.head.targetText == target)
        #expect(parsed.head.section.text(parsed.head.path) == path)
    }

    /// Clients do send a body with these; the server must not take it for another request.
    @Test(arguments: [("GET", "Content-Length: 5", true), ("DELETE", "Transfer-Encoding: chunked", true), ("GET", "Content-Length: 0", false), ("POST", "Content-Length: 5", false)])
    func unusualContent(method: String, field: String, expected: Bool) throws {
        let parsed = try #require(try HTTP1Feed.request("\(method) / HTTP/1.1\r\nHost: a.example\r\n\(field)\r\n\r\n"))
        #expect(parsed.head.hasUnusualContent == expected)
        var output: [UInt8] = []
        parsed.head.append(to: &output)
        #expect(String(decoding: output, as: UTF8.self).contains("Connection: close\r\n") == expected)
    }

    @Test(arguments: ["", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a.example\r\n", "GET / HTTP/1.1\r\nHost: a.example\r\n\r"])
    func incompleteHeadsNeedMore(text: String) throws {
        #expect(try HTTP1Feed.request(text) == nil)
    }

    @Test func leavesThePipelinedRequest() throws {
        let first = "GET /1 HTTP/1.1\r\nHost: a.example\r\n\r\n"
        let parsed = try #require(try HTTP1Feed.request(first + "GET /2 HTTP/1.1\r\n"))
        #expect(parsed.consumed == first.utf8.count)
    }
}

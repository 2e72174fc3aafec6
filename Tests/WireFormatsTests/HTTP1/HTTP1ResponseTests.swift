import Testing
import WireFormats

@Suite("HTTP/1 responses")
struct HTTP1ResponseTests {
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", false, .length(5), true), ("HTTP/1.1 200 OK\r\n", false, .untilClose, false),
        ("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n", false, .chunked, true), ("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n", false, .chunked, true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", true, .none, true), ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", true, .none, true),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n", false, .none, true), ("HTTP/1.1 204 No Content\r\n", false, .none, true),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n", false, .none, true), ("HTTP/1.1 100 Continue\r\n", false, .none, true),
        ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n", false, .length(5), false), ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n", false, .length(5), true),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n", false, .length(5), false), ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", false, .untilClose, false),
        ("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n", false, .none, true), ("HTTP/1.1 416 No\r\nContent-Length: 0\r\n", false, .length(0), true),
    ] as [(String, Bool, HTTP1Framing, Bool)])
    func framing(head: String, answeringHEAD: Bool, framing: HTTP1Framing, keepAlive: Bool) throws {
        let response = try #require(try HTTP1Feed.response(head + "\r\n", answeringHEAD: answeringHEAD))
        #expect(response.framing == framing)
        #expect(response.keepAlive == keepAlive)
    }

    @Test(arguments: [("HTTP/1.1 404 Not Found", 404, "Not Found"), ("HTTP/1.1 599", 599, ""), ("HTTP/1.0 100 ", 100, ""), ("HTTP/1.1 200 a\tb \u{e9}", 200, "a\tb \u{fffd}")])
    func statusLine(line: String, status: Int, reason: String) throws {
        let response = try #require(try HTTP1Feed.response(line + "\r\n\r\n"))
        #expect(response.status == status)
        #expect(response.section.text(response.reasonPhrase) == reason)
        #expect(response.isInterim == (status == 100))
    }

    @Test(arguments: [
        ("HTTP/1.1  200 OK\r\n", .malformedStatusLine), ("HTTP/1.1 20 OK\r\n", .malformedStatusLine), ("HTTP/1.1 2000 OK\r\n", .malformedStatusLine), ("HTTP/1.1 2xx OK\r\n", .malformedStatusLine),
        ("HTTP/1.1 200OK\r\n", .malformedStatusLine), ("HTTP/1.1\r\n", .malformedStatusLine), ("HTTP/1.1 600 OK\r\n", .unknownStatus), ("HTTP/1.1 099 OK\r\n", .unknownStatus),
        ("http/1.1 200 OK\r\n", .malformedVersion), ("HTTP/2.0 200 OK\r\n", .unsupportedVersion), ("HTTP/1.1 200 a\u{0}b\r\n", .controlByte), ("\r\nHTTP/1.1 200 OK\r\n", .leadingLineBreak),
        ("HTTP/1.1 200 OK\nX: y\r\n", .bareLineFeed), ("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n", .foldedField), ("HTTP/1.1 200 OK\r\nX : a\r\n", .malformedFieldName),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", .lengthAndTransferEncoding), ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n", .repeatedContentLength),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n", .invalidContentLength), ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n", .invalidTransferEncoding),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n", .transferEncodingInHTTP10), ("HTTP/1.1 204 No\r\nContent-Length: 5\r\n", .unexpectedContent),
        ("HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n", .unexpectedContent), ("HTTP/1.1 100 Go on\r\nContent-Length: 5\r\n", .unexpectedContent),
        ("HTTP/1.1 200 OK\r\nConnection: Set-Cookie\r\n", .connectionNamesEndToEndField), ("HTTP/1.1 200 OK\r\nTransfer_Encoding: chunked\r\n", .framingLookAlike),
    ] as [(String, HTTP1Violation)])
    func refuses(head: String, violation: HTTP1Violation) {
        #expect(throws: violation) { try HTTP1Feed.response(head + "\r\n") }
    }
}

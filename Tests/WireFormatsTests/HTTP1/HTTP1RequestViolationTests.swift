import Testing
import WireFormats

/// A row for each rule that a request can break, and for the tricks that have been used to smuggle requests.
@Suite("HTTP/1 requests that are refused")
struct HTTP1RequestViolationTests {
    @Test(arguments: [
        ("\r\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n", .leadingLineBreak),
        ("\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n", .leadingLineBreak),
        ("GET / HTTP/1.1\nHost: a.example\n\n", .bareLineFeed),
        ("GET / HTTP/1.1\r\nHost: a.example\nX: y\r\n\r\n", .bareLineFeed),
        ("GET / HTTP/1.1\r\nHost: a.example\r\n\n", .bareLineFeed),
        ("GET / HTTP/1.1\rHost: a.example\r\n\r\n", .bareCarriageReturn),
        ("GET / HTTP/1.1\r\nX: a\rb\r\nHost: a.example\r\n\r\n", .bareCarriageReturn),
        ("GET / HTTP/1.1\r\r\nHost: a.example\r\n\r\n", .bareCarriageReturn),
        ("GET / HTTP/1.1\r\nHost: a.example\r\nX: a\u{0}b\r\n\r\n", .controlByte),
        ("GET / HTTP/1.1\r\nHost: a.example\r\nX: a\u{7f}b\r\n\r\n", .controlByte),
        ("GET / HTTP/1.1\r\nHost: a.example\r\nX: a\u{1b}b\r\n\r\n", .controlByte),
        ("\u{16}\u{3}\u{1}", .controlByte),
    ] as [(String, HTTP1Violation)])
    func lines(text: String, violation: HTTP1Violation) {
        #expect(throws: violation) { try HTTP1Feed.request(text) }
    }

    @Test(arguments: [
        ("GET  / HTTP/1.1", .malformedRequestLine), ("GET /  HTTP/1.1", .malformedRequestLine), ("GET\t/ HTTP/1.1", .malformedRequestLine),
        ("GET /\tHTTP/1.1", .malformedRequestLine), (" GET / HTTP/1.1", .malformedRequestLine), ("GET / HTTP/1.1 ", .malformedRequestLine),
        ("GET /a b HTTP/1.1", .malformedRequestLine), ("GET /", .malformedRequestLine), ("GET", .malformedRequestLine),
        ("GET / ", .malformedVersion), ("G(T / HTTP/1.1", .malformedRequestLine), ("   ", .malformedRequestLine), ("GET  HTTP/1.1", .malformedRequestLine),
        ("get / HTTP/1.1", .unknownMethod), ("FOOBAR / HTTP/1.1", .unknownMethod), ("GETX / HTTP/1.1", .unknownMethod),
        ("PRI / HTTP/2.0", .unsupportedVersion), ("CONNECT a.example:443 HTTP/1.1", .connectMethod),
        ("GET / HTTP/1", .malformedVersion), ("GET / HTTP/1.", .malformedVersion), ("GET / http/1.1", .malformedVersion),
        ("GET / HTTP/1.1.1", .malformedVersion), ("GET / HTTP/11", .malformedVersion), ("GET / HTTP/01.1", .malformedVersion),
        ("GET / HTTP/1,1", .malformedVersion), ("GET / HTTPS/1.1", .malformedVersion), ("GET / HTTP/ 1.1", .malformedRequestLine),
        ("GET / HTTP/1.2", .unsupportedVersion), ("GET / HTTP/2.0", .unsupportedVersion), ("GET / HTTP/0.9", .unsupportedVersion),
        ("GET http://a.example/ HTTP/1.1", .absoluteForm), ("GET https://other.example/ HTTP/1.1", .absoluteForm),
        ("GET a.example:443 HTTP/1.1", .malformedTarget), ("GET a HTTP/1.1", .malformedTarget), ("GET ?a HTTP/1.1", .malformedTarget),
        ("GET * HTTP/1.1", .asteriskForm), ("OPTIONS *a HTTP/1.1", .malformedTarget), ("GET /a#b HTTP/1.1", .fragmentInTarget),
        ("GET /caf\u{c3}\u{a9} HTTP/1.1", .forbiddenByteInTarget), ("GET /a\\b HTTP/1.1", .forbiddenByteInTarget),
        ("GET /?a\\b HTTP/1.1", .forbiddenByteInTarget), ("GET /%00 HTTP/1.1", .forbiddenEscapeInPath), ("GET /%0d%0aX: HTTP/1.1", .forbiddenEscapeInPath),
        ("GET /%7f HTTP/1.1", .forbiddenEscapeInPath), ("GET /% HTTP/1.1", .forbiddenEscapeInPath), ("GET /%2 HTTP/1.1", .forbiddenEscapeInPath),
        ("GET /%zz HTTP/1.1", .forbiddenEscapeInPath),
    ] as [(String, HTTP1Violation)])
    func requestLines(line: String, violation: HTTP1Violation) {
        #expect(throws: violation) { try HTTP1Feed.request("\(line)\r\nHost: a.example\r\n\r\n") }
    }

    @Test(arguments: [
        ("X : y", .malformedFieldName), ("X\t: y", .malformedFieldName), ("X y: z", .malformedFieldName), ("X[]: y", .malformedFieldName),
        ("\u{e9}: y", .malformedFieldName), (": y", .malformedField), ("X", .malformedField), ("X\r\nY: z", .malformedField),
        ("X: a\r\n b", .foldedField), ("X: a\r\n\tb", .foldedField), ("X: a\r\n \r\nY: z", .foldedField),
        ("Content_Length: 5", .framingLookAlike), ("content_length: 5", .framingLookAlike), ("Transfer_Encoding: chunked", .framingLookAlike),
        ("Content.Length: 5", .framingLookAlike), ("Transfer~Encoding: chunked", .framingLookAlike), ("Content\tLength: 5", .malformedFieldName),
    ] as [(String, HTTP1Violation)])
    func fieldLines(line: String, violation: HTTP1Violation) {
        #expect(throws: violation) { try HTTP1Feed.request("GET / HTTP/1.1\r\nHost: a.example\r\n\(line)\r\n\r\n") }
    }

    @Test(arguments: [" Host: a.example", "\tHost: a.example", " \r\nHost: a.example"])
    func whitespaceBeforeTheFirstField(lines: String) {
        #expect(throws: HTTP1Violation.whitespaceBeforeFields) { try HTTP1Feed.request("GET / HTTP/1.1\r\n\(lines)\r\n\r\n") }
    }

    @Test(arguments: [
        ("", .missingHost), ("X: y\r\n", .missingHost), ("Host: a.example\r\nHost: a.example\r\n", .repeatedHost),
        ("Host: a.example\r\nhost: b.example\r\n", .repeatedHost), ("Host:\r\n", .invalidHost), ("Host: \r\n", .invalidHost),
        ("Host: a.example/path\r\n", .invalidHost), ("Host: user@a.example\r\n", .invalidHost), ("Host: a.example, b.example\r\n", .invalidHost),
        ("Host: a.example b.example\r\n", .invalidHost), ("Host: a.example:\r\n", .invalidHost), ("Host: a.example:0\r\n", .invalidHost),
        ("Host: a.example:65536\r\n", .invalidHost), ("Host: a.example:080\r\n", .invalidHost), ("Host: a.example:80:80\r\n", .invalidHost),
        ("Host: a.example:x\r\n", .invalidHost), ("Host: a..example\r\n", .invalidHost), ("Host: b\u{fc}cher.example\r\n", .invalidHost),
        ("Host: 1.2.3\r\n", .invalidHost), ("Host: 0x7f.0.0.1\r\n", .invalidHost), ("Host: 010.0.0.1\r\n", .invalidHost), ("Host: [::1\r\n", .invalidHost),
        ("Host: [::1]x\r\n", .invalidHost), ("Host: [::1%25eth0]\r\n", .invalidHost), ("Host: [10.0.0.1]\r\n", .invalidHost), ("Host: ::1\r\n", .invalidHost),
        ("Host:  a.example\r\n", .invalidHost), ("Host: a.example \r\n", .invalidHost), ("Host:\ta.example\r\n", .invalidHost), ("Host: a.example?\r\n", .invalidHost),
    ] as [(String, HTTP1Violation)], ["HTTP/1.1", "HTTP/1.0"])
    func hosts(row: (String, HTTP1Violation), version: String) {
        #expect(throws: row.1) { try HTTP1Feed.request("GET / \(version)\r\n\(row.0)\r\n") }
    }

    @Test(arguments: [
        ("Content-Length: 6\r\nTransfer-Encoding: chunked", .lengthAndTransferEncoding), ("Transfer-Encoding: chunked\r\nContent-Length: 0", .lengthAndTransferEncoding),
        ("Content-Length: 5\r\nContent-Length: 5", .repeatedContentLength), ("Content-Length: 5\r\nContent-Length: 6", .repeatedContentLength),
        ("Content-Length: 5, 5", .invalidContentLength), ("Content-Length: 005", .invalidContentLength), ("Content-Length: 00", .invalidContentLength),
        ("Content-Length: +5", .invalidContentLength), ("Content-Length: -0", .invalidContentLength), ("Content-Length: -1", .invalidContentLength),
        ("Content-Length: 0x5", .invalidContentLength), ("Content-Length: 0o5", .invalidContentLength), ("Content-Length: 5.0", .invalidContentLength),
        ("Content-Length: 1 0", .invalidContentLength), ("Content-Length: 1_0", .invalidContentLength), ("Content-Length:", .invalidContentLength),
        ("Content-Length: abc", .invalidContentLength), ("Content-Length: \u{b2}", .invalidContentLength), ("Content-Length: 5 ", .invalidContentLength),
        ("Content-Length:\t5", .invalidContentLength), ("Content-Length:  5", .invalidContentLength), ("Content-Length: 18446744073709551616", .invalidContentLength),
        ("Content-Length: 99999999999999999999", .invalidContentLength), ("Content-Length: 5;x", .invalidContentLength),
        ("Transfer-Encoding: gzip", .invalidTransferEncoding), ("Transfer-Encoding: identity", .invalidTransferEncoding), ("Transfer-Encoding:", .invalidTransferEncoding),
        ("Transfer-Encoding: gzip, chunked", .invalidTransferEncoding), ("Transfer-Encoding: chunked, chunked", .invalidTransferEncoding),
        ("Transfer-Encoding: chunked ", .invalidTransferEncoding), ("Transfer-Encoding:\tchunked", .invalidTransferEncoding), ("Transfer-Encoding:  chunked", .invalidTransferEncoding),
        ("Transfer-Encoding: xchunked", .invalidTransferEncoding), ("Transfer-Encoding: \"chunked\"", .invalidTransferEncoding), ("Transfer-Encoding: chunked;q=1", .invalidTransferEncoding),
        ("Transfer-Encoding: ,chunked", .invalidTransferEncoding), ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .repeatedTransferEncoding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", .repeatedTransferEncoding), ("Transfer-Encoding: \u{b}chunked", .controlByte),
        ("Transfer-Encoding: \u{c}chunked", .controlByte), ("Transfer-Encoding : chunked", .malformedFieldName),
        ("Expect: 200-ok", .unknownExpectation), ("Expect: 100-continue\r\nExpect: 100-continue", .unknownExpectation), ("Expect: 100-continue, x", .unknownExpectation), ("Expect:", .unknownExpectation),
        ("Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c", .repeatedUpgrade), ("Connection: a b", .malformedConnection), ("Connection: \"close\"", .malformedConnection),
        ("Connection: close, Host", .connectionNamesEndToEndField), ("Connection: Content-Length", .connectionNamesEndToEndField), ("Connection: transfer-encoding", .connectionNamesEndToEndField),
        ("Connection: Authorization", .connectionNamesEndToEndField), ("Connection: cookie", .connectionNamesEndToEndField), ("Connection: X-Forwarded-For", .connectionNamesEndToEndField),
        ("Connection: Content_Length", .framingLookAlike),
    ] as [(String, HTTP1Violation)])
    func framingAndConnection(fields: String, violation: HTTP1Violation) {
        #expect(throws: violation) { try HTTP1Feed.request("POST / HTTP/1.1\r\nHost: a.example\r\n\(fields)\r\n\r\n") }
    }

    @Test func chunkedInHTTP10() {
        #expect(throws: HTTP1Violation.transferEncodingInHTTP10) {
            try HTTP1Feed.request("POST / HTTP/1.0\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n")
        }
    }

    @Test(arguments: ["HEAD", "TRACE"], ["Content-Length: 5", "Transfer-Encoding: chunked"])
    func contentWhereThereIsNone(method: String, field: String) {
        #expect(throws: HTTP1Violation.unexpectedContent) { try HTTP1Feed.request("\(method) / HTTP/1.1\r\nHost: a.example\r\n\(field)\r\n\r\n") }
    }

    @Test func limits() throws {
        var limits = HTTP1Limits()
        limits.headBytes = 200
        limits.startLineBytes = 40
        limits.fieldCount = 3
        let start = "GET / HTTP/1.1\r\nHost: a.example\r\n"
        let fitting = start + "X: " + String(repeating: "x", count: 200 - start.utf8.count - 7) + "\r\n\r\n"
        #expect(fitting.utf8.count == 200)
        #expect(try HTTP1Feed.request(fitting, limits: limits)?.consumed == 200)
        #expect(throws: HTTP1Violation.headTooLarge) { try HTTP1Feed.request(fitting.replacing("X: ", with: "X: x"), limits: limits) }
        #expect(throws: HTTP1Violation.headTooLarge) { try HTTP1Feed.request(start + String(repeating: "x", count: 300), limits: limits) }
        #expect(throws: HTTP1Violation.tooManyFields) { try HTTP1Feed.request(start + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", limits: limits) }
        #expect(try HTTP1Feed.request(start + "A: 1\r\nB: 2\r\n\r\n", limits: limits)?.head.fields.count == 3)
        let path = "/" + String(repeating: "a", count: 40 - 14)
        #expect(try HTTP1Feed.request("GET \(path) HTTP/1.1\r\nHost: a.example\r\n\r\n", limits: limits)?.head.targetText == path)
        #expect(throws: HTTP1Violation.startLineTooLong) { try HTTP1Feed.request("GET \(path)a HTTP/1.1\r\nHost: a.example\r\n\r\n", limits: limits) }
        #expect(throws: HTTP1Violation.startLineTooLong) { try HTTP1Feed.request(String(repeating: "G", count: 100), limits: limits) }
    }

    @Test(arguments: HTTP1Violation.allCases)
    func everyViolationSaysWhatItIs(violation: HTTP1Violation) {
        #expect(violation.description.utf8.count > 5)
        #expect((400...505).contains(violation.httpStatus))
    }

    @Test(arguments: [
        (.headTooLarge, 431), (.tooManyFields, 431), (.startLineTooLong, 414), (.unknownExpectation, 417), (.unknownMethod, 501), (.unsupportedVersion, 505), (.missingHost, 400),
    ] as [(HTTP1Violation, Int)])
    func statuses(violation: HTTP1Violation, status: Int) {
        #expect(violation.httpStatus == status)
    }

    /// What a scan costs when a head arrives byte by byte: each byte is looked at once, but for the CR at the end.
    @Test func feedingByteByByteIsLinear() throws {
        let text = HTTP1Feed.bytes("GET / HTTP/1.1\r\nHost: a.example\r\n" + String(repeating: "X: y\r\n", count: 100) + "\r\n")
        var scanFrom = 0
        var scanned = 0
        for count in 1..<text.count {
            let part = Array(text.prefix(count))
            guard case .needMore(let next) = try HTTP1RequestHead.parse(part.span, scanFrom: scanFrom) else {
                Issue.record("complete after \(count) bytes")
                return
            }
            scanned += count - scanFrom
            scanFrom = next
        }
        #expect(scanned <= 2 * text.count)
    }
}

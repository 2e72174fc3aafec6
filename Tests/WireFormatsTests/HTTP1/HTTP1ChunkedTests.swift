import Testing
import WireFormats

@Suite("HTTP/1 chunked content")
struct HTTP1ChunkedTests {
    @Test(arguments: [
        ("0\r\n\r\n", "", [], 0), ("5\r\nhello\r\n0\r\n\r\n", "hello", [], 0), ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET /", "hello world", [], 5),
        ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789", [], 0), ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789", [], 0), ("000000000000000a\r\n0123456789\r\n0\r\n\r\n", "0123456789", [], 0),
        ("5;a\r\nhello\r\n0;b=c\r\n\r\n", "hello", [], 0), ("5;a=\"b \\\" c\";d=e\r\nhello\r\n0\r\n\r\n", "hello", [], 0),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n", [], 0), ("1\r\nx\r\n0\r\nX-Checksum: abc\r\nX-Two:  d \r\n\r\nrest", "x", ["X-Checksum=abc", "X-Two=d"], 4),
    ] as [(String, String, [String], Int)])
    func decodes(text: String, payload: String, trailers: [String], rest: Int) throws {
        #expect(try HTTP1Feed.chunked(text) == HTTP1Feed.Content(payload: payload, trailers: trailers, rest: rest))
    }

    @Test(arguments: ["", "5", "5\r", "5\r\n", "5\r\nhell", "5\r\nhello", "5\r\nhello\r\n", "0\r\n", "0\r\n\r", "0\r\nX: y\r\n", "5;a=\"", "ffffffffffffffff\r\nx"])
    func needsMore(text: String) throws {
        #expect(try HTTP1Feed.chunked(text) == nil)
    }

    @Test(arguments: [
        ("\r\n", .invalidChunkSize), (" 5\r\nhello", .invalidChunkSize), ("5 \r\nhello", .invalidChunkSize), ("5\t\r\nhello", .invalidChunkSize),
        ("0x5\r\nhello", .invalidChunkSize), ("+5\r\nhello", .invalidChunkSize), ("-1\r\nhello", .invalidChunkSize), ("1_0\r\n", .invalidChunkSize),
        ("g\r\n", .invalidChunkSize), ("FFFFFFFFFFFFFFFF0\r\n", .invalidChunkSize), ("00000000000000005\r\nhello", .invalidChunkSize), ("\u{0}5\r\nhello", .invalidChunkSize),
        ("5\nhello", .bareLineFeed), ("5\rhello", .bareCarriageReturn), ("5;\r\nhello", .invalidChunkExtension), ("5;\nhello", .invalidChunkExtension),
        ("5;a\nhello", .bareLineFeed), ("5;a\rX\r\nhello", .bareCarriageReturn), ("5;bad[=x\r\nhello", .invalidChunkExtension), ("5; a\r\nhello", .invalidChunkExtension),
        ("5;a =b\r\nhello", .invalidChunkExtension), ("5;a=\r\nhello", .invalidChunkExtension), ("5;a=b;\r\nhello", .invalidChunkExtension), ("5;a=\"b\r\n\"\r\nhello", .invalidChunkExtension),
        ("5;a=\"b\"c\r\nhello", .invalidChunkExtension), ("5;a=\"\\\n\"\r\nhello", .invalidChunkExtension), ("5;a=\"b\u{0}\"\r\nhello", .invalidChunkExtension), ("5;=b\r\nhello", .invalidChunkExtension),
        ("5\r\nhello0\r\n", .missingChunkEnd), ("5\r\nhello\n0\r\n", .missingChunkEnd), ("5\r\nhello\r0\r\n", .missingChunkEnd), ("5\r\nhelloXX0\r\n", .missingChunkEnd),
        ("0\r\nX: y\n\r\n", .bareLineFeed), ("0\r\n\n", .bareLineFeed), ("0\r\nX: a\rb\r\n\r\n", .bareCarriageReturn), ("0\r\nX: \u{0}\r\n\r\n", .controlByte),
        ("0\r\nX : y\r\n\r\n", .malformedFieldName), ("0\r\n X: y\r\n\r\n", .whitespaceBeforeFields), ("0\r\nX: y\r\n z\r\n\r\n", .foldedField), ("0\r\n: y\r\n\r\n", .malformedField),
        ("0\r\nContent_Length: 5\r\n\r\n", .framingLookAlike), ("0\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n", .malformedFieldName),
    ] as [(String, HTTP1Violation)])
    func refuses(text: String, violation: HTTP1Violation) {
        #expect(throws: violation) { try HTTP1Feed.chunked(text) }
    }

    @Test(arguments: [
        "Content-Length", "Transfer-Encoding", "Host", "Connection", "Trailer", "TE", "Upgrade", "Keep-Alive", "Expect", "Authorization", "Proxy-Authorization", "Cookie",
        "Set-Cookie", "Content-Type", "Content-Encoding", "Content-Range", "Cache-Control", "Max-Forwards", "Range", "If-Match", "Location", "Date", "X-Forwarded-For",
    ])
    func refusesTrailers(name: String) {
        #expect(throws: HTTP1Violation.forbiddenTrailer) { try HTTP1Feed.chunked("0\r\n\(name): x\r\n\r\n") }
    }

    @Test func limits() throws {
        var limits = HTTP1Limits()
        limits.chunkExtensionBytes = 4
        limits.trailerBytes = 10
        limits.trailerFieldCount = 1
        #expect(try HTTP1Feed.chunked("0;abc\r\n\r\n", limits: limits) != nil)
        #expect(throws: HTTP1Violation.chunkExtensionTooLong) { try HTTP1Feed.chunked("0;abcd\r\n\r\n", limits: limits) }
        #expect(try HTTP1Feed.chunked("0\r\nX: abc\r\n\r\n", limits: limits) != nil, "10 bytes of trailers, with the empty line")
        #expect(throws: HTTP1Violation.trailersTooLarge) { try HTTP1Feed.chunked("0\r\nX: abcd\r\n\r\n", limits: limits) }
        #expect(throws: HTTP1Violation.trailersTooLarge) { try HTTP1Feed.chunked("0\r\nX: abcdefgh\r\n\r\n", limits: limits) }
        limits.trailerBytes = 100
        #expect(throws: HTTP1Violation.trailersTooLarge) { try HTTP1Feed.chunked("0\r\nX: a\r\nY: b\r\n\r\n", limits: limits) }
    }

    @Test(arguments: [[], ["hello"], ["hello", "", " world"], [String(repeating: "x", count: 70_000)]])
    func readsWhatItWrites(chunks: [String]) throws {
        var output: [UInt8] = []
        for chunk in chunks {
            let bytes = Array(chunk.utf8)
            HTTP1ChunkWriter.append(chunk: bytes.span, to: &output)
        }
        HTTP1ChunkWriter.appendLast(to: &output)
        let text = String(decoding: output, as: UTF8.self)
        #expect(try HTTP1Feed.chunked(text) == HTTP1Feed.Content(payload: chunks.joined(), trailers: [], rest: 0))
    }

    @Test func writesTrailers() throws {
        let bytes = Array("0\r\nX-Sum:  abc \r\n\r\n".utf8)
        var decoder = HTTP1ChunkedDecoder()
        var payload: [UInt8] = []
        guard case (_, .finished(let trailers)) = try decoder.decode(bytes.span, into: &payload) else {
            Issue.record("not finished")
            return
        }
        var output: [UInt8] = []
        HTTP1ChunkWriter.appendLast(trailers: trailers, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "0\r\nX-Sum: abc\r\n\r\n")
    }
}

import Testing
import WireFormats

/// Broken variants of good messages, the same ones every run: parsers answer, and what passes survives the next hop.
@Suite("HTTP/1 mutations")
struct HTTP1MutationTests {
    /// SplitMix64: reproducible where the system's generator is not.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    private static let pieces = [
        "\r\n", "\n", "\r", " ", "\t", ":", ",", ";", "\u{0}", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: b.example\r\n", "0\r\n\r\n",
        "GET / HTTP/1.1\r\n", "#", "?", "%", "\\", "\u{ff}", "Connection: X\r\n", "chunked", "HTTP/1.0",
    ].map(HTTP1Feed.bytes)

    private func mutated(_ text: String, _ generator: inout Generator) -> [UInt8] {
        var bytes = HTTP1Feed.bytes(text)
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes.insert(contentsOf: Self.pieces.randomElement(using: &generator) ?? [], at: place)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            default: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...8, using: &generator)))
            }
        }
        return bytes
    }

    @Test(arguments: [
        "POST /a?b HTTP/1.1\r\nHost: a.example\r\nX: y\r\nContent-Length: 5\r\nConnection: close, X\r\n\r\nhello",
        "PUT / HTTP/1.1\r\nHost: a.example:81\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\nExpect: 100-continue\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ])
    func whatPassesReadsTheSameBehindUs(text: String) throws {
        var generator = Generator(state: 1)
        var passed = 0
        for _ in 0..<20_000 {
            let bytes = mutated(text, &generator)
            guard case .head(let head, _)? = try? HTTP1RequestHead.parse(bytes.span) else { continue }
            passed += 1
            var written: [UInt8] = []
            head.append(to: &written)
            guard case .head(let again, let consumed) = try HTTP1RequestHead.parse(written.span) else {
                Issue.record("incomplete: \(String(decoding: bytes, as: UTF8.self))")
                return
            }
            #expect(consumed == written.count)
            #expect(again.framing == head.framing)
            #expect(again.authority == head.authority)
            #expect(again.methodText == head.methodText && again.targetText == head.targetText)
        }
        #expect(passed > 1000, "too few get through to say anything")
    }

    @Test func whatDecodesHasItsSizesRight() throws {
        var generator = Generator(state: 2)
        var passed = 0
        for _ in 0..<20_000 {
            let bytes = mutated("5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n", &generator)
            var decoder = HTTP1ChunkedDecoder()
            var payload: [UInt8] = []
            guard case (let consumed, .finished)? = try? decoder.decode(bytes.span, into: &payload) else { continue }
            passed += 1
            #expect(consumed <= bytes.count && payload.count <= consumed)
        }
        #expect(passed > 1000, "too few get through to say anything")
    }

    @Test func responsesAreAnsweredToo() throws {
        var generator = Generator(state: 3)
        var passed = 0
        for _ in 0..<20_000 {
            let bytes = mutated("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\nConnection: keep-alive\r\n\r\nhello", &generator)
            guard case .head(let head, _)? = try? HTTP1ResponseHead.parse(bytes.span, answeringHEAD: false) else { continue }
            passed += 1
            var written: [UInt8] = []
            head.append(into: &written)
            guard case .head(let again, _) = try HTTP1ResponseHead.parse(written.span, answeringHEAD: false) else {
                Issue.record("incomplete: \(String(decoding: bytes, as: UTF8.self))")
                return
            }
            #expect(again.framing == head.framing && again.status == head.status)
        }
        #expect(passed > 1000, "too few get through to say anything")
    }
}

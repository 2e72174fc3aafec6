import TestSupport
import Testing
import WireFormats

@Suite("DNS names")
struct DNSNameTests {
    private func text(_ message: [UInt8], at start: Int = 0) -> String? {
        DNSName.read(message, at: start).map { String(decoding: $0.text, as: UTF8.self) }
    }

    @Test func readsNamesAndWhereTheyEnd() throws {
        let message = DNSBytes.name("Api.Example.com") + [9]
        let (text, next) = try #require(DNSName.read(message, at: 0))
        #expect(String(decoding: text, as: UTF8.self) == "Api.Example.com" && next == 17)
        #expect(self.text([0]) == "")
    }

    @Test func followsPointersBackAndGoesOnBehindTheFirst() throws {
        // example.com at 0, api + pointer at 13, www + pointer to that at 19.
        let message = DNSBytes.name("example.com") + [3] + Array("api".utf8) + [0xc0, 0] + [3] + Array("www".utf8) + [0xc0, 13]
        let (text, next) = try #require(DNSName.read(message, at: 19))
        #expect(String(decoding: text, as: UTF8.self) == "www.api.example.com" && next == message.count)
    }

    static let broken: [(String, [UInt8], Int)] = [
        ("nothing", [], 0), ("a start past the end", [0], 1), ("a start before the message", [0], -1), ("no root", [1, 0x61], 0),
        ("a label past the end", [5, 0x61, 0x62], 0), ("half a pointer", [0xc0], 0),
        ("a pointer to itself", [0xc0, 0], 0), ("a forward pointer", [0xc0, 2, 1, 0x61, 0], 0),
        ("two pointers in a circle", [1, 0x61, 0xc0, 4, 0xc0, 0], 4), ("label type 01", [0x41, 0x61, 0], 0),
        ("label type 10", [0x81, 0x61, 0], 0), ("a dot in a label", [3, 0x61, 0x2e, 0x62, 0], 0),
        ("NUL in a label", [3, 0x61, 0, 0x62, 0], 0), ("a label into its own pointer", [1, 0x61, 0xc0, 0], 2 - 2),
    ]

    @Test(arguments: broken)
    func refuses(what: String, message: [UInt8], start: Int) {
        #expect(DNSName.read(message, at: start) == nil, "\(what)")
    }

    @Test func countsPointers() {
        for count in [Limits.dnsPointers, Limits.dnsPointers + 1] {
            // Each pointer leads to the one before it, the first to the root at 0.
            var message: [UInt8] = [0]
            for index in 0..<count { message += [0xc0, index == 0 ? 0 : UInt8(2 * index - 1)] }
            #expect((DNSName.read(message, at: message.count - 2) != nil) == (count <= Limits.dnsPointers), "\(count) pointers")
        }
    }

    /// RFC 1035 section 2.3.4: 255 bytes with lengths and root, so 253 of text.
    @Test(arguments: [(61, true), (62, false), (63, false)])
    func measuresTheWholeName(last: Int, fits: Bool) {
        let labels = [63, 63, 63, last].map { String(repeating: "a", count: $0) }
        let encoded = DNSBytes.name(labels.joined(separator: "."))
        #expect((encoded.count <= 255) == fits)
        #expect((DNSName.read(encoded, at: 0) != nil) == fits)
        // The same over a pointer.
        let tail = DNSBytes.name(labels[1...].joined(separator: "."))
        let head = [63] + Array(labels[0].utf8) + [0xc0, 0]
        #expect((DNSName.read(tail + head, at: tail.count) != nil) == fits)
    }

    @Test func whatIsWrittenReadsBack() throws {
        for name in ["a.b", "_dmarc.example.com", "xn--bcher-kva.example"] {
            var bytes: [UInt8] = []
            DNSName.append(try HostName(name), to: &bytes)
            #expect(text(bytes) == name)
        }
    }

    // Spellings

    @Test func spellingsHashAlikeAndAreTheSame() {
        var random = SplitMix64(seed: 5)
        for length in [1, 6, 7, 8, 15, 16, 40, 63] {
            // All bytes there are, so that none but letters are folded.
            let name = [UInt8(length)] + (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) } + [0]
            let known = DNSName.lowered(name.span)
            for index in 1...length {
                var other = name
                other[index] ^= 0x20
                let isLetter = (0x41...0x5a).contains(name[index] & 0xdf)
                let isSpelling = DNSName.isSpelling(other.span, of: known)
                let hashesAlike = DNSName.hash(other.span) == DNSName.hash(name.span)
                #expect(isSpelling == isLetter && hashesAlike == isLetter, "\(name[index])")
            }
            let isShorter = DNSName.isSpelling(name.span.extracting(0..<length), of: known)
            #expect(!isShorter)
        }
    }

    /// In a question a name is read as in any other place, but for the root and pointers.
    @Test func namesInQuestionsEndWhereTheyAreReadTo() {
        var random = SplitMix64(seed: 9)
        var whole = 0
        for _ in 0..<20_000 {
            var bytes = [9] + DNSBytes.name(["a", "www.example", "api.example.com"].randomElement(using: &random) ?? "")
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = [0, 1, 2, 4, 0x2e, 0x40, 0x7f, 0xc0, 0xff].randomElement(using: &random) ?? 0
            }
            let read = DNSName.read(bytes, at: 1)
            let isPlain = read.map { !$0.text.isEmpty && $0.next == 1 + $0.text.count + 2 } ?? false
            let end = DNSName.endOfLabels(bytes.span, at: 1)
            #expect(end == (isPlain ? read?.next : nil), "\(bytes)")
            if end != nil { whole += 1 }
        }
        #expect(whole > 1000 && whole < 19_000)
    }

    @Test(arguments: [(61, true), (62, false), (63, false)])
    func measuresTheWholeNameOfAQuestion(last: Int, fits: Bool) {
        let encoded = DNSBytes.name([63, 63, 63, last].map { String(repeating: "a", count: $0) }.joined(separator: "."))
        let end = DNSName.endOfLabels(encoded.span, at: 0)
        #expect(end == (fits ? encoded.count : nil))
    }
}

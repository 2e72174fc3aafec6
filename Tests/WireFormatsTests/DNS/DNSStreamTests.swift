import TestSupport
import Testing
import WireFormats

@Suite("DNS over TCP")
struct DNSStreamTests {
    private static func framed(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(message.count & 255)] + message
    }

    private static func read(_ bytes: [UInt8], step: Int, limit: Int = 4096) -> [DNSStream.Next] {
        var stream = DNSStream(limit: limit)
        var events: [DNSStream.Next] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            let part = Array(bytes[start..<min(start + step, bytes.count)])
            stream.append(part.span)
            while true {
                let next = stream.next()
                guard next != .needMore else { break }
                events.append(next)
            }
        }
        return events
    }

    /// RFC 7766 section 8: a reader must not depend on how the bytes come.
    @Test(arguments: [1, 2, 3, 7, 30, 1000])
    func messagesComeOutHoweverTheyAreSplit(step: Int) {
        let (first, second) = (DNSBytes.query("a.example", .a), DNSBytes.query("b.example", .aaaa, identifier: 9))
        let bytes = Self.framed(first) + Self.framed(second) + Self.framed(first).dropLast()
        #expect(Self.read(bytes, step: step) == [.message(first), .message(second)])
    }

    static let broken: [(String, [UInt8], [DNSStream.Next])] = [
        ("no length", [0, 0], [.malformed(identifier: nil)]), ("half an identifier", [0, 1, 7], [.malformed(identifier: nil)]),
        ("shorter than a header", [0, 11, 0x12, 0x34], [.malformed(identifier: 0x1234)]),
        ("over the limit", [0x10, 0x01, 0x12, 0x34], [.malformed(identifier: 0x1234)]),
        ("the longest there is", [0xff, 0xff, 0x12, 0x34], [.malformed(identifier: 0x1234)]),
        ("over the limit, identifier to come", [0x10, 0x01, 0x12], []),
    ]

    @Test(arguments: broken) func endsAtWhatIsNoQuery(what: String, bytes: [UInt8], events: [DNSStream.Next]) {
        for step in [1, 100] { #expect(Self.read(bytes, step: step) == events, "\(what)") }
        // Nothing behind it is read.
        if !events.isEmpty {
            #expect(Self.read(bytes + Self.framed(DNSBytes.query("a.example", .a)), step: 3) == events, "\(what)")
        }
    }

    @Test func holdsNoMoreThanOneMessage() {
        var stream = DNSStream(limit: 100)
        for _ in 0..<1000 {
            let message = Self.framed([UInt8](repeating: 1, count: 100))
            stream.append(message.span)
            #expect(stream.next() == .message([UInt8](repeating: 1, count: 100)))
            #expect(stream.heldByteCount == 0)
        }
    }
}

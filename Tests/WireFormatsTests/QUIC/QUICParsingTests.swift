import TestSupport
import Testing
import WireFormats

@Suite("QUIC in clear")
struct QUICParsingTests {
    /// RFC 9000 appendix A.1, and what is too short.
    @Test(arguments: [
        ("c2197c5eff14e88c", 151_288_809_941_952_652, 8), ("9d7f3e7d", 494_878_333, 4), ("7bbd", 15_293, 2), ("25", 37, 1),
        ("4025", 37, 2), ("ffffffffffffffff", (1 << 62) - 1, 8), ("", nil, 0), ("40", nil, 0), ("800000", nil, 0),
        ("c0000000000000", nil, 0),
    ] as [(String, UInt64?, Int)])
    func integers(text: String, value: UInt64?, length: Int) {
        let bytes = Hex.bytes(text)
        let read = bytes.span.quicInteger(at: 0)
        #expect(read?.value == value)
        if value != nil { #expect(read?.next == length) }
        // The same in the midst of others.
        let inside = [0xff] + bytes
        #expect(inside.span.quicInteger(at: 1)?.value == value)
    }

    @Test func lengthsStayInside() {
        let bytes: [UInt8] = [2, 1, 2]
        #expect(bytes.span.quicLengthPrefixed(at: 0) == 1..<3)
        #expect(bytes.span.quicLengthPrefixed(at: 1) == 2..<3)
        #expect(bytes.span.quicLengthPrefixed(at: 2) == nil)
        let huge = Hex.bytes("ffffffffffffffff00")
        #expect(huge.span.quicLengthPrefixed(at: 0) == nil)
    }

    @Test func theHeaderOfAnInitial() throws {
        let bytes = QUICBytes.initial([1, 2, 3], to: [7, 7, 7], token: [9, 9]) + [0, 0]
        guard case .long(let header) = QUICLongHeader.read(bytes.span) else { return #expect(Bool(false)) }
        #expect(header.version == .v1 && header.type == .initial)
        #expect(Array(bytes[header.destinationID]) == [7, 7, 7])
        #expect(Array(bytes[header.sourceID]) == [0xaa, 0xbb])
        #expect(Array(bytes[header.token]) == [9, 9])
        #expect(header.end == bytes.count - 2)
        for count in 0..<header.end {
            let part = Array(bytes[..<count])
            #expect(QUICLongHeader.read(part.span) == .malformed, "\(count) bytes")
        }
    }

    /// Type bits of each version (RFC 9000 section 17.2, RFC 9369 section 3.2).
    @Test(arguments: [
        (.v1, 0, .initial), (.v1, 1, .zeroRTT), (.v1, 2, .handshake), (.v1, 3, .retry), (.v2, 1, .initial),
        (.v2, 2, .zeroRTT), (.v2, 3, .handshake), (.v2, 0, .retry),
    ] as [(QUICVersion, UInt8, QUICLongHeader.PacketType)])
    func types(version: QUICVersion, bits: UInt8, type: QUICLongHeader.PacketType) {
        let bytes = QUICBytes.long(bits, to: [1], version: version.rawValue) + [0, 1, 0xff]
        guard case .long(let header) = QUICLongHeader.read(bytes.span) else { return #expect(Bool(false)) }
        #expect(header.type == type)
    }

    @Test(arguments: [
        ("40 00", .short), ("00", .short), ("", .malformed), ("c0 00000000 00 00", .otherVersion(0)),
        ("c0 1a2a3a4a", .otherVersion(0x1a2a_3a4a)), ("80 ff00001d", .otherVersion(0xff00_001d)), ("c0 000000", .malformed),
        ("80 00000001 00 00 00 00", .malformed), ("c0 00000001 15" + String(repeating: "00", count: 40), .malformed),
    ] as [(String, QUICLongHeader.ReadResult)])
    func isTold(text: String, result: QUICLongHeader.ReadResult) {
        let bytes = Hex.bytes(text)
        #expect(QUICLongHeader.read(bytes.span) == result)
    }

    private static func frames(_ text: String) -> [String]? {
        var found: [String] = []
        let bytes = Hex.bytes(text)
        let isWellFormed = QUICInitialFrames.read(bytes.span) { found.append("\($0): \(Array(bytes[$1]))") }
        return isWellFormed ? found : nil
    }

    @Test(arguments: [
        ("00 00 01 00", []), ("06 00 02 0708", ["0: [7, 8]"]), ("01 06 4010 01 09 00 06 00 00", ["16: [9]", "0: []"]),
        ("02 05 00 00 05 06 00 01 01", ["0: [1]"]), ("02 05 00 01 02 00 00 01", []), ("03 05 00 01 02 00 00 01 02 03 01", []),
        ("1c 00 00 03 616263 01", []), ("06 ffffffffffffffff 01 00", ["4611686018427387903: [0]"]),
        ("", nil), ("06", nil), ("06 00 02 07", nil), ("02 05 00 01 02 00", nil), ("03 05 00 00 02 00 00", nil),
        ("02 05 00 ffffffffffffffff 02", nil), ("1c 00 00 04 616263", nil), ("08 00", nil), ("1d 00 00", nil), ("4006 00 00", nil),
        ("1e", nil), ("ff", nil),
    ] as [(String, [String]?)])
    func framesOfAnInitial(text: String, expected: [String]?) {
        #expect(Self.frames(text) == expected)
    }

    @Test func aHelloWithoutRecords() {
        let message = HelloBytes.message([HelloBytes.serverName("a.example")])
        for count in 0..<message.count {
            let part = Array(message[..<count])
            #expect(ClientHello.parse(handshake: part.span) == .needMore)
        }
        guard case .hello(let hello) = ClientHello.parse(handshake: message.span) else { return #expect(Bool(false)) }
        #expect(hello.serverName == Array("a.example".utf8))
        let other: [UInt8] = [2, 0, 0, 0]
        #expect(ClientHello.parse(handshake: other.span) == .malformed(.notClientHello))
        let long: [UInt8] = [1, 1, 0, 0]
        #expect(ClientHello.parse(handshake: long.span) == .malformed(.tooLong))
    }
}

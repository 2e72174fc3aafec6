import TLSInterception
import TestSupport
import Testing
import WireFormats

@Suite("QUIC Initial packets")
struct InitialOpenerTests {
    /// RFC 9001 appendix A.1 and RFC 9369 appendix A.1.
    @Test(arguments: [
        (.v1, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2"),
        (.v2, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f", "45b95e15235d6f45a6b19cbcb0294ba9"),
    ] as [(QUICVersion, String, String, String)])
    func keysOfTheStandards(version: QUICVersion, key: String, iv: String, protection: String) {
        let keys = InitialOpener.keys(version: version, connectionID: Hex.bytes("8394c8f03e515708"))
        #expect(keys?.key == Hex.bytes(key))
        #expect(keys?.iv == Hex.bytes(iv))
        #expect(keys?.headerProtection == Hex.bytes(protection))
    }

    /// The frames of a datagram's first packet.
    private static func open(_ datagram: [UInt8], connectionID: [UInt8]? = nil) -> [UInt8]? {
        guard case .long(let header) = QUICLongHeader.read(datagram.span) else { return nil }
        return InitialOpener().open(
            datagram.span.extracting(0..<header.end), packetNumber: header.packetNumber, version: header.version,
            connectionID: connectionID ?? Array(datagram[header.destinationID]))
    }

    private static func serverName(_ datagrams: [String]) -> String? {
        var stream: [UInt8] = []
        for text in datagrams {
            guard let frames = open(Hex.bytes(text)) else { return nil }
            let isWellFormed = QUICInitialFrames.read(frames.span) { offset, range in
                guard stream.count == offset else { return }
                stream += frames[range]
            }
            guard isWellFormed else { return nil }
        }
        guard case .hello(let hello) = ClientHello.parse(handshake: stream.span) else { return nil }
        return hello.serverName.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        (QUICVectors.rfc9001, "example.com"), (QUICVectors.rfc9369, "example.com"), (QUICVectors.v1, "a.example"),
        (QUICVectors.v2, "a.example"), (QUICVectors.long, "a.example"), (QUICVectors.other, "b.example"),
    ])
    func readsWhatClientsSend(datagrams: [String], name: String) {
        #expect(Self.serverName(datagrams) == name)
    }

    @Test func anyChangeIsNoticed() {
        let packet = Hex.bytes(QUICVectors.rfc9001[0])
        #expect(packet.count == 1200)
        #expect(Self.open(packet) != nil)
        #expect(Self.open(packet, connectionID: [1, 2, 3]) == nil)
        for index in stride(from: 0, to: packet.count, by: 7) {
            var other = packet
            other[index] ^= 1
            #expect(Self.open(other) == nil, "byte \(index)")
        }
    }

    @Test func shortPacketsAreNotRead() {
        let packet = Hex.bytes(QUICVectors.v1[0])
        for count in 0..<packet.count {
            let part = packet.span.extracting(0..<count)
            for place in [0, 26, count - 20, count - 19, count, count + 1] where place >= 0 {
                let frames = InitialOpener().open(part, packetNumber: place, version: .v1, connectionID: [1])
                guard frames == nil else { Issue.record("\(count) bytes are opened"); return }
            }
        }
    }
}

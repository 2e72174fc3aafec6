import TestSupport
import Testing
import WireFormats

@Suite("Checksums and written datagrams")
struct UDPDatagramTests {
    @Test func sumsTheExampleOfRFC1071() {
        // Section 3: 00 01 f2 03 f4 f5 f6 f7 sums to ddf2 with the carries folded in.
        let bytes: [UInt8] = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]
        #expect(InternetChecksum.sum(bytes.span, 0) == 0x2ddf0)
        #expect(InternetChecksum.fold(InternetChecksum.sum(bytes.span, 0)) == ~0xddf2)
    }

    @Test(arguments: [
        // A header of IPv4 as captured in practice, with its checksum in place: sums to zero.
        ("4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7", 0x0000),
        ("4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7", 0xb861),
        ("", 0xffff), ("ff", 0x00ff), ("0001 02", 0xfdfe), ("ffff ffff", 0x0000),
    ])
    func folds(text: String, checksum: Int) {
        #expect(InternetChecksum.fold(InternetChecksum.sum(Hex.bytes(text).span, 0)) == UInt16(checksum))
    }

    @Test func partsAddUpAndNothingOverflows() {
        let bytes = [UInt8](repeating: 0xff, count: 65_534)
        let half = InternetChecksum.sum(bytes.span.extracting(0..<30_000), 0)
        #expect(
            InternetChecksum.fold(InternetChecksum.sum(bytes.span.extracting(30_000..<65_534), half))
                == InternetChecksum.fold(InternetChecksum.sum(bytes.span, 0)))
        #expect(InternetChecksum.fold(InternetChecksum.sum(bytes.span, .max)) == 0)
    }

    @Test(arguments: [IPAddress.Family.v4, .v6], [0, 1, 2, 511, 1232])
    func whatIsWrittenReadsBack(family: IPAddress.Family, length: Int) throws {
        let (from, to) = family == .v4
            ? (IPPacketTests.web4, IPPacketTests.agent4) : (IPPacketTests.web6, IPPacketTests.agent6)
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let bytes = try #require(UDPDatagram.packet(from: from, port: 53, to: to, port: 40_000, payload: payload))
        let packet = try #require(IPPacket(bytes))
        #expect(packet.source == from && packet.destination == to && packet.transport == 17 && !packet.isFragment)
        #expect(packet.payload.upperBound == bytes.count)
        let datagram = Array(bytes[packet.payload])
        let header = try #require(UDPHeader(datagram))
        #expect(header.sourcePort == 53 && header.destinationPort == 40_000)
        #expect(Array(datagram[header.payload]) == payload)
        #expect(datagram[6] != 0 || datagram[7] != 0, "zero would mean that there is no checksum")
        // The receiver's rule: everything with the pseudo header sums to all ones.
        var pseudo = from.bytes + to.bytes
        pseudo.append(bigEndian: UInt32(8 + length))
        pseudo += [0, 0, 0, 17]
        #expect(InternetChecksum.fold(InternetChecksum.sum(datagram.span, InternetChecksum.sum(pseudo.span, 0))) == 0)
        if family == .v4 {
            #expect(InternetChecksum.fold(InternetChecksum.sum(bytes.span.extracting(0..<20), 0)) == 0)
        }
    }

    @Test func aSumOfZeroIsSentAsAllOnes() throws {
        // Every payload of two bytes: one of them brings the sum to zero.
        var found = 0
        for word in 0...0xffff {
            let bytes = try #require(
                UDPDatagram.packet(
                    from: IPPacketTests.web4, port: 53, to: IPPacketTests.agent4, port: 9,
                    payload: [UInt8(word >> 8), UInt8(word & 255)]))
            let checksum = bytes.span.bigEndianUInt16(at: 26)
            guard checksum == 0xffff else {
                guard checksum != 0 else { Issue.record("no checksum for \(word)"); return }
                continue
            }
            found += 1
        }
        #expect(found > 0)
    }

    @Test(arguments: [(IPAddress.Family.v4, 65_507), (.v6, 65_527)])
    func theLargestPayloadFitsAndOneByteMoreDoesNot(family: IPAddress.Family, most: Int) {
        let address = family == .v4 ? IPPacketTests.web4 : IPPacketTests.web6
        for (count, fits) in [(most, true), (most + 1, false)] {
            let packet = UDPDatagram.packet(
                from: address, port: 1, to: address, port: 2, payload: [UInt8](repeating: 1, count: count))
            #expect((packet != nil) == fits, "\(count) bytes")
        }
    }

    @Test func familiesDoNotMix() {
        #expect(UDPDatagram.packet(from: IPPacketTests.web4, port: 1, to: IPPacketTests.web6, port: 2, payload: []) == nil)
    }

    @Test func packetsAreWrittenOneBehindTheOther() throws {
        var packets: [UInt8] = []
        var expected: [UInt8] = []
        for (from, to) in [(IPPacketTests.web4, IPPacketTests.agent4), (IPPacketTests.web6, IPPacketTests.agent6), (IPPacketTests.web4, IPPacketTests.agent4)] {
            for length in [0, 3, 600] {
                let payload = [UInt8](repeating: 0xa5, count: length)
                expected += try #require(UDPDatagram.packet(from: from, port: 53, to: to, port: 9, payload: payload))
                let isWritten = UDPDatagram.append(from: from, port: 53, to: to, port: 9, behind: &packets) { $0 += payload }
                #expect(isWritten && packets == expected)
            }
            // What does not fit leaves the others as they are.
            let isWritten = UDPDatagram.append(from: from, port: 53, to: to, port: 9, behind: &packets) {
                $0 += [UInt8](repeating: 1, count: 65_528)
            }
            #expect(!isWritten && packets == expected)
        }
    }
}

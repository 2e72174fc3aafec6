import TestSupport
import Testing
import WireFormats

@Suite("Written resets")
struct TCPResetTests {
    @Test(arguments: [IPAddress.Family.v4, .v6], [nil, 0xdead_beef] as [UInt32?])
    func whatIsWrittenReadsBack(family: IPAddress.Family, acknowledgement: UInt32?) throws {
        let (from, to) = family == .v4
            ? (IPPacketTests.agent4, IPPacketTests.web4) : (IPPacketTests.agent6, IPPacketTests.web6)
        let bytes = try #require(
            TCPReset.packet(
                from: from, port: 40_000, to: to, port: 443, sequence: 0xffff_fffe, acknowledgement: acknowledgement))
        let packet = try #require(IPPacket(bytes))
        #expect(packet.source == from && packet.destination == to && packet.transport == 6 && !packet.isFragment)
        #expect(packet.payload.upperBound == bytes.count)
        let segment = Array(bytes[packet.payload])
        let header = try #require(TCPHeader(segment))
        #expect(header.sourcePort == 40_000 && header.destinationPort == 443 && header.sequence == 0xffff_fffe)
        #expect(header.resets && header.acknowledges == (acknowledgement != nil))
        #expect(header.acknowledgement == acknowledgement ?? 0 && header.payload.isEmpty)
        // The receiver's rule: everything with the pseudo header sums to all ones.
        var pseudo = from.bytes + to.bytes
        pseudo.append(bigEndian: UInt32(segment.count))
        pseudo += [0, 0, 0, 6]
        #expect(InternetChecksum.fold(InternetChecksum.sum(segment.span, InternetChecksum.sum(pseudo.span, 0))) == 0)
        if family == .v4 {
            #expect(InternetChecksum.fold(InternetChecksum.sum(bytes.span.extracting(0..<20), 0)) == 0)
        }
    }

    @Test func familiesDoNotMix() {
        #expect(
            TCPReset.packet(
                from: IPPacketTests.web4, port: 1, to: IPPacketTests.web6, port: 2, sequence: 0, acknowledgement: nil) == nil)
    }

    @Test func headersLongerThanTheirSegmentAreRefused() {
        var bytes: [UInt8] = [0x9c, 0x40, 0x01, 0xbb, 0, 0, 0, 1, 0, 0, 0, 9, 0x60, 0x10, 0, 0, 0, 0, 0, 0]
        #expect(TCPHeader(bytes) == nil)
        bytes += [1, 1, 1, 1, 7]
        #expect(TCPHeader(bytes)?.payload == 24..<25)
        #expect(TCPHeader(bytes)?.sequence == 1 && TCPHeader(bytes)?.acknowledgement == 9)
    }
}

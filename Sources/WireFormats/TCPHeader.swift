/// The parts of a TCP header that a verdict needs (RFC 9293 section 3.1).
package struct TCPHeader: Hashable, Sendable {
    package var sourcePort: UInt16
    package var destinationPort: UInt16
    /// CWR to FIN as in the header's fourteenth byte.
    package var flags: UInt8

    package static let length = 20

    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= Self.length, let source = bytes.bigEndianUInt16(at: 0),
            let destination = bytes.bigEndianUInt16(at: 2), bytes[12] >> 4 >= 5
        else { return nil }
        sourcePort = source
        destinationPort = destination
        flags = bytes[13]
    }

    /// A connection's first segment: SYN without ACK, RST or FIN.
    package var opensConnection: Bool { flags & 0b1_0111 == 0b0010 }
}

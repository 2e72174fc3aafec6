/// A UDP header (RFC 768).
package struct UDPHeader: Hashable, Sendable {
    package var sourcePort: UInt16
    package var destinationPort: UInt16
    /// Where the datagram's payload lies, counted from the header's first byte.
    package var payload: Range<Int>

    package static let length = 8

    package init?(_ bytes: Span<UInt8>) {
        guard let source = bytes.bigEndianUInt16(at: 0), let destination = bytes.bigEndianUInt16(at: 2),
            let total = bytes.bigEndianUInt16(at: 4), bytes.count >= Self.length,
            Int(total) >= Self.length, Int(total) <= bytes.count
        else { return nil }
        sourcePort = source
        destinationPort = destination
        payload = Self.length..<Int(total)
    }
}

/// Writes a whole IPv4 or IPv6 packet that carries a TCP reset, checksums included.
///
/// One that bears the exact number that the receiver expects next ends the connection there (RFC 5961 section 3.2); any
/// other is answered with that number.
package enum TCPReset {
    /// - Parameters:
    ///   - sequence: what the receiver expects next.
    ///   - acknowledgement: what it sent last; `nil` for a reset without ACK.
    /// - Returns: `nil` when the families differ.
    package static func packet(
        from source: IPAddress, port sourcePort: UInt16, to destination: IPAddress, port destinationPort: UInt16,
        sequence: UInt32, acknowledgement: UInt32?
    ) -> [UInt8]? {
        guard source.family == destination.family else { return nil }
        var packet: [UInt8] = []
        packet.reserveCapacity(40 + TCPHeader.length)
        IPHeader.append(from: source, to: destination, transport: 6, to: &packet)
        let start = packet.count
        packet.append(bigEndian: sourcePort)
        packet.append(bigEndian: destinationPort)
        packet.append(bigEndian: sequence)
        packet.append(bigEndian: acknowledgement ?? 0)
        packet += [0x50, acknowledgement == nil ? 0b0_0100 : 0b1_0100]
        // No window, no checksum yet, no urgent data.
        packet += [0, 0, 0, 0, 0, 0]
        IPHeader.complete(source.family, at: 0, in: &packet)
        let checksum = IPHeader.transportChecksum(
            from: source, to: destination, transport: 6, packet.span.extracting(start..<packet.count))
        packet.store(bigEndian: checksum, at: start + 16)
        return packet
    }
}

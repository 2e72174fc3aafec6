/// Writes a whole IPv4 or IPv6 packet that carries one UDP datagram, checksums included.
package enum UDPDatagram {
    /// - Parameters: addresses of one family; `payload` of at most 65,507 (IPv4) or 65,527 bytes.
    /// - Returns: `nil` when the families differ or the payload does not fit.
    package static func packet(
        from source: IPAddress, port sourcePort: UInt16, to destination: IPAddress, port destinationPort: UInt16,
        payload: [UInt8]
    ) -> [UInt8]? {
        var packet: [UInt8] = []
        packet.reserveCapacity(48 + payload.count)
        let isWhole = append(
            from: source, port: sourcePort, to: destination, port: destinationPort, behind: &packet) { $0 += payload }
        return isWhole ? packet : nil
    }

    /// Appends a packet to those in `packets`, whose capacity serves the next ones, too.
    ///
    /// - Parameter payload: appends 65,507 (IPv4) or 65,527 bytes at most, and leaves alone what is there.
    /// - Returns: false when the families differ or the payload does not fit; nothing is appended then.
    package static func append(
        from source: IPAddress, port sourcePort: UInt16, to destination: IPAddress, port destinationPort: UInt16,
        behind packets: inout [UInt8], payload: (inout [UInt8]) -> Void
    ) -> Bool {
        guard source.family == destination.family else { return false }
        let packet = packets.count
        IPHeader.append(from: source, to: destination, transport: 17, to: &packets)
        let start = packets.count
        packets.append(bigEndian: sourcePort)
        packets.append(bigEndian: destinationPort)
        packets.append(bigEndian: UInt32(0))
        payload(&packets)
        // An IPv4 length counts the header, an IPv6 length does not.
        let counted = source.family == .v4 ? packet : start
        guard packets.count - counted <= 65535 else {
            packets.removeSubrange(packet...)
            return false
        }
        packets.store(bigEndian: UInt16(packets.count - start), at: start + 4)
        IPHeader.complete(source.family, at: packet, in: &packets)
        let checksum = IPHeader.transportChecksum(
            from: source, to: destination, transport: 17, packets.span.extracting(start..<packets.count))
        // Zero means "no checksum" on the wire, so a sum of zero is sent as its complement (RFC 768).
        packets.store(bigEndian: checksum == 0 ? 0xffff : checksum, at: start + 6)
        return true
    }
}

/// Writes a whole IPv4 or IPv6 packet that carries one UDP datagram, checksums included.
package enum UDPDatagram {
    /// - Parameters: addresses of one family; `payload` of at most 65,507 (IPv4) or 65,527 bytes.
    /// - Returns: `nil` when the families differ or the payload does not fit.
    package static func packet(
        from source: IPAddress, port sourcePort: UInt16, to destination: IPAddress, port destinationPort: UInt16,
        payload: [UInt8]
    ) -> [UInt8]? {
        // An IPv4 length counts the header, an IPv6 length does not.
        let mostBytes = source.family == .v4 ? 65535 - 20 : 65535
        guard source.family == destination.family, UDPHeader.length + payload.count <= mostBytes else { return nil }
        let length = UInt16(UDPHeader.length + payload.count)
        var packet: [UInt8] = []
        packet.reserveCapacity(40 + Int(length))
        IPHeader.append(from: source, to: destination, transport: 17, length: length, to: &packet)
        let start = packet.count
        packet.append(bigEndian: sourcePort)
        packet.append(bigEndian: destinationPort)
        packet.append(bigEndian: length)
        packet += [0, 0]
        packet += payload
        let checksum = IPHeader.transportChecksum(
            from: source, to: destination, transport: 17, packet.span.extracting(start..<packet.count))
        // Zero means "no checksum" on the wire, so a sum of zero is sent as its complement (RFC 768).
        packet.store(bigEndian: checksum == 0 ? 0xffff : checksum, at: start + 6)
        return packet
    }
}

/// Writes a whole IPv4 or IPv6 packet that carries one UDP datagram, checksums included.
package enum UDPDatagram {
    /// - Parameters: addresses of one family; `payload` of at most 65,507 (IPv4) or 65,527 bytes.
    /// - Returns: `nil` when the families differ or the payload does not fit.
    package static func packet(
        from source: IPAddress, port sourcePort: UInt16, to destination: IPAddress, port destinationPort: UInt16,
        payload: [UInt8]
    ) -> [UInt8]? {
        let udpLength = UDPHeader.length + payload.count
        // An IPv4 length counts the header, an IPv6 length does not.
        let mostBytes = source.family == .v4 ? 65535 - 20 : 65535
        guard source.family == destination.family, udpLength <= mostBytes else { return nil }
        var packet: [UInt8] = []
        packet.reserveCapacity(40 + udpLength)
        switch source.family {
        case .v4:
            packet += [0x45, 0]
            packet.append(bigEndian: UInt16(20 + udpLength))
            packet += [0, 0, 0x40, 0, 64, 17, 0, 0]
            source.append(to: &packet)
            destination.append(to: &packet)
            let sum = InternetChecksum.fold(InternetChecksum.sum(packet.span, 0))
            packet[10] = UInt8(sum >> 8)
            packet[11] = UInt8(sum & 255)
        case .v6:
            packet += [0x60, 0, 0, 0]
            packet.append(bigEndian: UInt16(udpLength))
            packet += [17, 64]
            source.append(to: &packet)
            destination.append(to: &packet)
        }
        let start = packet.count
        packet.append(bigEndian: sourcePort)
        packet.append(bigEndian: destinationPort)
        packet.append(bigEndian: UInt16(udpLength))
        packet += [0, 0]
        packet += payload
        let folded = checksum(packet.span, from: start, addressBytes: 2 * source.byteCount)
        // Zero means "no checksum" on the wire, so a sum of zero is sent as its complement (RFC 768).
        let checksum = folded == 0 ? 0xffff : folded
        packet[start + 6] = UInt8(checksum >> 8)
        packet[start + 7] = UInt8(checksum & 255)
        return packet
    }

    /// Over the datagram from `start` on and its pseudo header (RFC 768, RFC 8200 section 8.1): both addresses, which end the
    /// IP header, the length and the protocol.
    private static func checksum(_ packet: Span<UInt8>, from start: Int, addressBytes: Int) -> UInt16 {
        let addresses = packet.extracting(start - addressBytes..<start)
        let pseudo = InternetChecksum.sum(addresses, UInt32(packet.count - start) + 17)
        return InternetChecksum.fold(InternetChecksum.sum(packet.extracting(start..<packet.count), pseudo))
    }
}

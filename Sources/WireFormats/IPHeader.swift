/// Writes the IP header of a packet of our own, and the sums that cover it.
enum IPHeader {
    /// Appends a header without options or extensions; `packet` must be empty.
    ///
    /// - Parameters: addresses of one family; `length` of the transport header and payload in bytes, which the caller
    ///   knows to fit.
    static func append(
        from source: IPAddress, to destination: IPAddress, transport: UInt8, length: UInt16, to packet: inout [UInt8]
    ) {
        switch source.family {
        case .v4:
            packet += [0x45, 0]
            packet.append(bigEndian: 20 &+ length)
            packet += [0, 0, 0x40, 0, 64, transport, 0, 0]
            source.append(to: &packet)
            destination.append(to: &packet)
            packet.store(bigEndian: InternetChecksum.fold(InternetChecksum.sum(packet.span, 0)), at: 10)
        case .v6:
            packet += [0x60, 0, 0, 0]
            packet.append(bigEndian: length)
            packet += [transport, 64]
            source.append(to: &packet)
            destination.append(to: &packet)
        }
    }

    /// The checksum of a transport header and payload, over the pseudo header of RFC 9293 section 3.1 and RFC 8200
    /// section 8.1.
    static func transportChecksum(
        from source: IPAddress, to destination: IPAddress, transport: UInt8, _ bytes: Span<UInt8>
    ) -> UInt16 {
        // As numbers, not as bytes: every answer and reset is summed. At most 2^21, so that nothing overflows.
        let pseudo = words(source) + words(destination) + UInt32(truncatingIfNeeded: bytes.count & 0xffff) + UInt32(transport)
        return InternetChecksum.fold(InternetChecksum.sum(bytes, pseudo))
    }

    /// The sum of an address's 16-bit words.
    private static func words(_ address: IPAddress) -> UInt32 {
        var sum: UInt32 = 0
        for shift in stride(from: 0 as UInt64, to: 64, by: 16) {
            sum += UInt32(address.high >> shift & 0xffff) + UInt32(address.low >> shift & 0xffff)
        }
        return sum
    }
}

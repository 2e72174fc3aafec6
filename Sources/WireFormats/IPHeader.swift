/// Writes the IP header of a packet of our own, and the sums that cover it.
enum IPHeader {
    /// Appends a header without options or extensions, whose length and checksum ``complete(_:at:in:)`` writes.
    ///
    /// - Parameters: addresses of one family.
    static func append(
        from source: IPAddress, to destination: IPAddress, transport: UInt8, to packets: inout [UInt8]
    ) {
        switch source.family {
        case .v4:
            // Version, length, 64 hops, do not fragment.
            packets.append(bigEndian: UInt32(0x4500_0000))
            packets.append(bigEndian: UInt32(0x0000_4000))
            packets.append(bigEndian: 0x4000_0000 | UInt32(transport) << 16)
        case .v6:
            packets.append(bigEndian: UInt32(0x6000_0000))
            packets.append(bigEndian: UInt32(transport) << 8 | 64)
        }
        source.append(to: &packets)
        destination.append(to: &packets)
    }

    /// Writes what depends on the packet's length, once it is there to the end of `packets`.
    ///
    /// - Parameter start: where its header starts; the caller knows the length to fit.
    static func complete(_ family: IPAddress.Family, at start: Int, in packets: inout [UInt8]) {
        let length = packets.count - start
        switch family {
        case .v4:
            packets.store(bigEndian: UInt16(truncatingIfNeeded: length), at: start + 2)
            let sum = InternetChecksum.sum(packets.span.extracting(start..<(start + 20)), 0)
            packets.store(bigEndian: InternetChecksum.fold(sum), at: start + 10)
        case .v6:
            packets.store(bigEndian: UInt16(truncatingIfNeeded: length - 40), at: start + 4)
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

/// An IPv4 or IPv6 address as a plain value: 16 bytes and a family, compared and hashed without allocation.
///
/// IPv4-mapped IPv6 addresses (`::ffff:a.b.c.d`, RFC 4291 section 2.5.5.2) are kept as IPv6 here; whoever judges
/// an address asks for ``unmapped`` first, so that the mapped form is no way around an IPv4 rule.
package struct IPAddress: Hashable, Sendable {
    package enum Family: Sendable, Hashable {
        case v4
        case v6
    }

    package let family: Family
    /// The first eight bytes in network order as a number; 0 for IPv4.
    package let high: UInt64
    /// The last eight bytes in network order as a number; IPv4 uses its lower 32 bits.
    package let low: UInt64

    package init(v4 bits: UInt32) {
        family = .v4
        high = 0
        low = UInt64(bits)
    }

    package init(v6High high: UInt64, low: UInt64) {
        family = .v6
        self.high = high
        self.low = low
    }

    /// Reads an address of `family` at `offset`.
    ///
    /// - Returns: `nil` when fewer than 4 or 16 bytes are left.
    package init?(_ family: Family, in bytes: Span<UInt8>, at offset: Int) {
        switch family {
        case .v4:
            guard let bits = bytes.bigEndianUInt32(at: offset) else { return nil }
            self.init(v4: bits)
        case .v6:
            guard let high = bytes.bigEndianUInt64(at: offset), let low = bytes.bigEndianUInt64(at: offset + 8) else {
                return nil
            }
            self.init(v6High: high, low: low)
        }
    }

    /// The number of bytes of the address on the wire: 4 or 16.
    package var byteCount: Int { family == .v4 ? 4 : 16 }

    /// The width of the address in bits: 32 or 128.
    package var bitWidth: Int { byteCount * 8 }

    /// The address in network order.
    package var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(byteCount)
        append(to: &result)
        return result
    }

    /// Appends the address in network order.
    package func append(to output: inout [UInt8]) {
        if family == .v6 {
            for shift in stride(from: 56, through: 0, by: -8) { output.append(UInt8(truncatingIfNeeded: high >> UInt64(shift))) }
            for shift in stride(from: 56, through: 0, by: -8) { output.append(UInt8(truncatingIfNeeded: low >> UInt64(shift))) }
        } else {
            for shift in stride(from: 24, through: 0, by: -8) { output.append(UInt8(truncatingIfNeeded: low >> UInt64(shift))) }
        }
    }

    /// The IPv4 address inside an IPv4-mapped IPv6 address, or the address itself.
    package var unmapped: IPAddress {
        guard family == .v6, high == 0, low >> 32 == 0xffff else { return self }
        return IPAddress(v4: UInt32(truncatingIfNeeded: low))
    }
}

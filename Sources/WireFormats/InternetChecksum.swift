/// The one's complement sum of RFC 1071.
package enum InternetChecksum {
    /// Adds `bytes` as 16-bit words to `initial`; an odd last byte is padded with zero.
    package static func sum(_ bytes: Span<UInt8>, _ initial: UInt32) -> UInt32 {
        var total = UInt64(initial)
        var index = 0
        while index + 1 < bytes.count {
            total += UInt64(bytes[index]) << 8 | UInt64(bytes[index + 1])
            index += 2
        }
        if index < bytes.count { total += UInt64(bytes[index]) << 8 }
        while total >> 32 != 0 { total = (total & 0xffff_ffff) + (total >> 32) }
        return UInt32(total)
    }

    /// The checksum field for a sum.
    package static func fold(_ sum: UInt32) -> UInt16 {
        var sum = sum
        while sum >> 16 != 0 { sum = (sum & 0xffff) + (sum >> 16) }
        return ~UInt16(sum)
    }
}

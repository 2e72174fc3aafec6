extension Span where Element == UInt8 {
    /// A variable-length integer (RFC 9000 section 16).
    ///
    /// - Returns: its value and where what follows begins; `nil` past the end.
    package func quicInteger(at offset: Int) -> (value: UInt64, next: Int)? {
        guard let first = byte(at: offset) else { return nil }
        let length = 1 << Int(first >> 6)
        guard length <= count - offset else { return nil }
        var value = UInt64(first & 0x3f)
        for index in 1..<max(length, 1) { value = value << 8 | UInt64(self[offset + index]) }
        return (value, offset + length)
    }

    /// A length that fits into what is left after it, and the bytes it speaks of.
    package func quicLengthPrefixed(at offset: Int) -> Range<Int>? {
        guard let (length, start) = quicInteger(at: offset), length <= UInt64(count - start) else { return nil }
        return start..<(start + Int(length))
    }
}

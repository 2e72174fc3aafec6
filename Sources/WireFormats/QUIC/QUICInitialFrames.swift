/// The frames of a client's Initial packet, decrypted (RFC 9000 sections 12.4 and 19).
package enum QUICInitialFrames {
    /// Calls `body` with the offset in the stream of handshake messages, and the place in `bytes`, of each CRYPTO frame.
    ///
    /// - Returns: false when a frame is malformed, or of a kind that has no place in an Initial.
    package static func read(_ bytes: Span<UInt8>, crypto body: (UInt64, Range<Int>) -> Void) -> Bool {
        // A packet without a frame breaks the protocol (RFC 9000 section 12.4).
        guard bytes.count > 0 else { return false }
        var offset = 0
        while let type = bytes.byte(at: offset) {
            // Every type that is known has one byte; a longer spelling is an error (RFC 9000 section 12.4).
            offset += 1
            switch type {
            case 0x00, 0x01: break  // PADDING, PING
            case 0x02, 0x03:  // ACK
                guard let next = acknowledgement(bytes, at: offset, hasCounts: type == 3) else { return false }
                offset = next
            case 0x06:  // CRYPTO
                guard let (place, next) = bytes.quicInteger(at: offset), let data = bytes.quicLengthPrefixed(at: next) else {
                    return false
                }
                body(place, data)
                offset = data.upperBound
            case 0x1c:  // CONNECTION_CLOSE: code, type of frame, reason
                guard let (_, second) = bytes.quicInteger(at: offset), let (_, third) = bytes.quicInteger(at: second),
                    let reason = bytes.quicLengthPrefixed(at: third)
                else { return false }
                offset = reason.upperBound
            default: return false
            }
        }
        return true
    }

    private static func acknowledgement(_ bytes: Span<UInt8>, at start: Int, hasCounts: Bool) -> Int? {
        guard let (_, delay) = bytes.quicInteger(at: start), let (_, count) = bytes.quicInteger(at: delay),
            let (ranges, first) = bytes.quicInteger(at: count), let (_, rest) = bytes.quicInteger(at: first)
        else { return nil }
        var offset = rest
        // Each number takes a byte at least.
        let numbers = ranges.multipliedReportingOverflow(by: 2)
        guard !numbers.overflow, numbers.partialValue <= UInt64(bytes.count) else { return nil }
        for _ in 0..<(numbers.partialValue + (hasCounts ? 3 : 0)) {
            guard let (_, next) = bytes.quicInteger(at: offset) else { return nil }
            offset = next
        }
        return offset
    }
}

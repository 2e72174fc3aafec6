/// Cuts a TCP connection's bytes into DNS messages: two bytes of length before each (RFC 1035 section 4.2.2, RFC 7766
/// section 8), several on the way at once, split anywhere.
///
/// Holds no more than one read and one message; whoever reads takes every whole message before the next read.
package struct DNSStream: Sendable {
    /// What the bytes so far amount to.
    package enum Next: Hashable, Sendable {
        case needMore
        case message([UInt8])
        /// Too long or too short for a query. Nothing after it is read: with an identifier, FORMERR can be sent first.
        case malformed(identifier: UInt16?)
    }

    private let limit: Int
    private var bytes: [UInt8] = []
    private var start = 0
    private var isBroken = false

    /// - Parameter limit: of one message, in bytes.
    package init(limit: Int = Limits.dnsStreamQueryBytes) {
        self.limit = limit
    }

    /// Bytes that are held and not yet a message.
    package var heldByteCount: Int { bytes.count - start }

    package mutating func append(_ span: Span<UInt8>) {
        guard !isBroken else { return }
        if start > 0 {
            bytes.removeSubrange(..<start)
            start = 0
        }
        bytes.append(copying: span)
    }

    package mutating func next() -> Next {
        guard !isBroken, let length = bytes.span.bigEndianUInt16(at: start) else { return .needMore }
        // A header is 12 bytes (RFC 1035 section 4.1.1).
        guard Int(length) >= 12, Int(length) <= limit else {
            guard length >= 2 else { return broken(nil) }
            guard let identifier = bytes.span.bigEndianUInt16(at: start + 2) else { return .needMore }
            return broken(identifier)
        }
        let end = start + 2 + Int(length)
        guard end <= bytes.count else { return .needMore }
        let message = [UInt8](copying: bytes.span.extracting(start + 2..<end))
        start = end
        return .message(message)
    }

    private mutating func broken(_ identifier: UInt16?) -> Next {
        isBroken = true
        bytes = []
        start = 0
        return .malformed(identifier: identifier)
    }
}

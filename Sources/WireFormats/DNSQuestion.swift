/// A standard query with one question of class IN (RFC 1035 section 4, RFC 6891), read where it lies: nothing is copied,
/// so that what is known already is answered without an allocation.
package struct DNSQuestion: Hashable, Sendable {
    package var identifier: UInt16
    package var type: DNSRecordType
    package var recursionDesired: Bool
    /// The largest UDP answer the agent takes, in bytes; `nil` without EDNS, which means 512.
    package var udpSize: UInt16?
    /// Where the question section lies: name, type and class.
    package var section: Range<Int>

    /// Where its name lies: labels with their lengths, one at least, and the root's zero. No pointers.
    package var name: Range<Int> { section.lowerBound..<(section.upperBound - 4) }

    package enum ReadResult: Hashable, Sendable {
        /// All of the message is well formed but for the name's characters, which ``HostName`` judges.
        case question(DNSQuestion)
        /// Not a query that can be judged. With an identifier a FORMERR answer can be sent.
        case malformed(identifier: UInt16?)
    }

    package static func read(_ bytes: Span<UInt8>) -> ReadResult {
        guard let identifier = bytes.bigEndianUInt16(at: 0), let flags = bytes.bigEndianUInt16(at: 2) else {
            return .malformed(identifier: nil)
        }
        // A response (QR set) is not answered at all: two gateways could keep each other busy.
        guard flags & 0x8000 == 0 else { return .malformed(identifier: nil) }
        guard flags & 0x7800 == 0, bytes.bigEndianUInt16(at: 4) == 1, bytes.bigEndianUInt16(at: 6) == 0,
            bytes.bigEndianUInt16(at: 8) == 0, let additional = bytes.bigEndianUInt16(at: 10), additional <= 2,
            // A pointer would lead into the header, and mean another name in the answer that echoes the question.
            let afterName = DNSName.endOfLabels(bytes, at: 12),
            let type = bytes.bigEndianUInt16(at: afterName), bytes.bigEndianUInt16(at: afterName + 2) == 1
        else { return .malformed(identifier: identifier) }
        var question = DNSQuestion(
            identifier: identifier, type: DNSRecordType(rawValue: type), recursionDesired: flags & 0x0100 != 0, udpSize: nil,
            section: 12..<(afterName + 4))
        var offset = question.section.upperBound
        for _ in 0..<additional {
            guard let record = DNSRecord.read(bytes, at: offset) else { return .malformed(identifier: identifier) }
            if record.type == .opt {
                // One, owned by the root (RFC 6891 sections 6.1.1 and 6.1.2).
                guard question.udpSize == nil, record.owner.isEmpty else { return .malformed(identifier: identifier) }
                question.udpSize = max(record.recordClass, 512)
            }
            offset = record.next
        }
        guard offset == bytes.count else { return .malformed(identifier: identifier) }
        return .question(question)
    }
}

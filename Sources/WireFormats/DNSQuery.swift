/// A question as an agent sends it: standard query, one question, class IN (RFC 1035 section 4, RFC 6891).
package struct DNSQuery: Hashable, Sendable {
    package var identifier: UInt16
    package var name: HostName
    package var type: DNSRecordType
    /// The question section as sent, to be echoed with the agent's own spelling.
    package var question: [UInt8]
    package var recursionDesired: Bool
    /// The largest UDP answer the agent takes, in bytes; `nil` without EDNS, which means 512.
    package var udpSize: UInt16?

    /// What a datagram to port 53 turned out to be.
    package enum ParseResult: Hashable, Sendable {
        case query(DNSQuery)
        /// Not a query that can be judged. With an identifier a FORMERR answer can be sent.
        case malformed(identifier: UInt16?)
    }

    package static func parse(_ bytes: Span<UInt8>) -> ParseResult {
        guard let identifier = bytes.bigEndianUInt16(at: 0), let flags = bytes.bigEndianUInt16(at: 2) else {
            return .malformed(identifier: nil)
        }
        // A response (QR set) is not answered at all: two gateways could keep each other busy.
        guard flags & 0x8000 == 0 else { return .malformed(identifier: nil) }
        guard flags & 0x7800 == 0, bytes.bigEndianUInt16(at: 4) == 1, bytes.bigEndianUInt16(at: 6) == 0,
            bytes.bigEndianUInt16(at: 8) == 0, let additional = bytes.bigEndianUInt16(at: 10), additional <= 2,
            let (text, afterName) = DNSName.read(bytes, at: 12),
            // A pointer would lead into the header, and mean another name in the answer that echoes the question.
            afterName == 12 + text.count + 2,
            let type = bytes.bigEndianUInt16(at: afterName), bytes.bigEndianUInt16(at: afterName + 2) == 1,
            let name = try? HostName(text.span)
        else { return .malformed(identifier: identifier) }
        var query = DNSQuery(
            identifier: identifier, name: name, type: DNSRecordType(rawValue: type),
            question: [UInt8](copying: bytes.extracting(12..<(afterName + 4))),
            recursionDesired: flags & 0x0100 != 0, udpSize: nil)
        var offset = afterName + 4
        for _ in 0..<additional {
            guard let record = DNSRecord.read(bytes, at: offset) else { return .malformed(identifier: identifier) }
            if record.type == .opt {
                // One, owned by the root (RFC 6891 sections 6.1.1 and 6.1.2).
                guard query.udpSize == nil, record.owner.isEmpty else { return .malformed(identifier: identifier) }
                query.udpSize = max(record.recordClass, 512)
            }
            offset = record.next
        }
        guard offset == bytes.count else { return .malformed(identifier: identifier) }
        return .query(query)
    }

    /// The same question for a resolver: our identifier, recursion desired, EDNS with 1232 bytes, no client data.
    package func forResolver(identifier: UInt16) -> [UInt8] {
        var message: [UInt8] = []
        message.append(bigEndian: identifier)
        message += [0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1]
        DNSName.append(name, to: &message)
        message.append(bigEndian: type.rawValue)
        message += [0, 1]
        // OPT: root name, type 41, 1232 bytes (DNS flag day 2020), no flags, no options.
        message += [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]
        return message
    }
}

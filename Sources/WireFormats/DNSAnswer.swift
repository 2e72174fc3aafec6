/// A resolver's answer to an address question, boiled down to what may be handed on: addresses and their lifetime.
package struct DNSAnswer: Hashable, Sendable {
    /// RFC 1035 section 4.1.1: 0 no error, 2 server failure, 3 no such name, 5 refused.
    package var responseCode: UInt8
    /// True when the resolver had more to say than fits; ask again over TCP.
    package var isTruncated: Bool
    /// Addresses that the question's name leads to, over at most 16 aliases.
    package var addresses: [IPAddress]
    /// The shortest lifetime on the way to the addresses, in seconds.
    package var timeToLive: UInt32

    /// Reads an answer to exactly this question.
    ///
    /// - Returns: `nil` when the message is malformed or answers another question: such bytes are not to be believed.
    package static func parse(_ bytes: Span<UInt8>, to query: DNSQuery, identifier: UInt16) -> DNSAnswer? {
        guard bytes.bigEndianUInt16(at: 0) == identifier, let flags = bytes.bigEndianUInt16(at: 2),
            flags & 0xf800 == 0x8000, bytes.bigEndianUInt16(at: 4) == 1, let answers = bytes.bigEndianUInt16(at: 6),
            Int(answers) <= Limits.dnsRecords, let (text, afterName) = DNSName.read(bytes, at: 12),
            let name = try? HostName(text.span), name == query.name,
            bytes.bigEndianUInt16(at: afterName) == query.type.rawValue, bytes.bigEndianUInt16(at: afterName + 2) == 1
        else { return nil }
        var answer = DNSAnswer(
            responseCode: UInt8(flags & 15), isTruncated: flags & 0x0200 != 0, addresses: [], timeToLive: .max)
        var records: [DNSRecord] = []
        var offset = afterName + 4
        for _ in 0..<answers {
            guard let record = DNSRecord.read(bytes, at: offset) else { return answer.isTruncated ? answer : nil }
            records.append(record)
            offset = record.next
        }
        answer.follow(records, from: query, in: bytes)
        return answer
    }

    private mutating func follow(_ records: [DNSRecord], from query: DNSQuery, in bytes: Span<UInt8>) {
        var owner = query.name
        for _ in 0..<16 {
            var alias: HostName?
            for record in records where record.recordClass == 1 {
                guard let name = try? HostName(record.owner.span), name == owner else { continue }
                if record.type == query.type, let address = Self.address(of: record, in: bytes) {
                    addresses.append(address)
                    timeToLive = min(timeToLive, record.timeToLive)
                } else if record.type == .cname, let (target, end) = DNSName.read(bytes, at: record.data.lowerBound),
                    end == record.data.upperBound
                {
                    alias = try? HostName(target.span)
                    timeToLive = min(timeToLive, record.timeToLive)
                }
            }
            guard addresses.isEmpty, let alias else { return }
            owner = alias
        }
    }

    private static func address(of record: DNSRecord, in bytes: Span<UInt8>) -> IPAddress? {
        switch (record.type, record.data.count) {
        case (.a, 4): IPAddress(.v4, in: bytes, at: record.data.lowerBound)
        case (.aaaa, 16): IPAddress(.v6, in: bytes, at: record.data.lowerBound)
        default: nil
        }
    }
}

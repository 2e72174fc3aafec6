/// A resolver's answer to a question for addresses or service bindings, boiled down to what may be handed on.
package struct DNSAnswer: Hashable, Sendable {
    /// RFC 1035 section 4.1.1: 0 no error, 2 server failure, 3 no such name, 5 refused.
    package var responseCode: UInt8
    /// True when the resolver had more to say than fits; ask again over TCP.
    package var isTruncated: Bool
    /// Addresses that the question's name leads to, over at most ``Limits/dnsAliases`` aliases.
    package var addresses: [IPAddress]
    /// Service bindings of that name; those that are malformed are left out. A target that is the record's own owner is
    /// given as none.
    package var services: [DNSServiceBinding] = []
    /// The shortest lifetime on the way, in seconds.
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
        for _ in 0..<Limits.dnsAliases {
            var alias: HostName?
            for record in records where record.recordClass == 1 && Self.isName(record.owner, owner) {
                if record.type == query.type {
                    guard take(record, of: owner, in: bytes) else { continue }
                    timeToLive = min(timeToLive, record.timeToLive)
                } else if record.type == .cname, let (target, end) = DNSName.read(bytes, at: record.data.lowerBound),
                    end == record.data.upperBound
                {
                    alias = try? HostName(target.span)
                    timeToLive = min(timeToLive, record.timeToLive)
                }
            }
            guard addresses.isEmpty, services.isEmpty, let alias else { return }
            owner = alias
        }
    }

    private mutating func take(_ record: DNSRecord, of owner: HostName, in bytes: Span<UInt8>) -> Bool {
        switch record.type {
        case .https, .svcb:
            guard services.count < Limits.dnsServiceBindings, var binding = DNSServiceBinding.parse(bytes, record.data)
            else { return false }
            if binding.target == owner {
                // An alias to itself leads nowhere (RFC 9460 section 2.4.2).
                guard binding.priority > 0 else { return false }
                binding.target = nil
            }
            services.append(binding)
        default:
            guard let address = Self.address(of: record, in: bytes) else { return false }
            addresses.append(address)
        }
        return true
    }

    /// True when the bytes, as read from a message, are the name in any case. Makes no string: answers have many records.
    private static func isName(_ bytes: [UInt8], _ name: HostName) -> Bool {
        guard bytes.count == name.text.utf8.count else { return false }
        var index = 0
        for byte in name.text.utf8 {
            guard bytes[index].lowered == byte else { return false }
            index += 1
        }
        return true
    }

    private static func address(of record: DNSRecord, in bytes: Span<UInt8>) -> IPAddress? {
        switch (record.type, record.data.count) {
        case (.a, 4): IPAddress(.v4, in: bytes, at: record.data.lowerBound)
        case (.aaaa, 16): IPAddress(.v6, in: bytes, at: record.data.lowerBound)
        default: nil
        }
    }
}

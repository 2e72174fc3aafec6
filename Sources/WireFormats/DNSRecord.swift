/// A resource record's place in a message (RFC 1035 section 4.1.3).
package struct DNSRecord: Hashable, Sendable {
    package var owner: [UInt8]
    package var type: DNSRecordType
    /// 1 for IN; an OPT record keeps its UDP size here.
    package var recordClass: UInt16
    /// Seconds.
    package var timeToLive: UInt32
    package var data: Range<Int>
    /// The offset after the record.
    package var next: Int

    package static func read(_ message: Span<UInt8>, at offset: Int) -> DNSRecord? {
        guard let (owner, fields) = DNSName.read(message, at: offset), let type = message.bigEndianUInt16(at: fields),
            let recordClass = message.bigEndianUInt16(at: fields + 2),
            let timeToLive = message.bigEndianUInt32(at: fields + 4),
            let length = message.bigEndianUInt16(at: fields + 8), fields + 10 + Int(length) <= message.count
        else { return nil }
        let data = (fields + 10)..<(fields + 10 + Int(length))
        return DNSRecord(
            owner: owner, type: DNSRecordType(rawValue: type), recordClass: recordClass, timeToLive: timeToLive,
            data: data, next: data.upperBound)
    }
}

/// Domain names in DNS messages (RFC 1035 sections 3.1 and 4.1.4).
package enum DNSName {
    /// Reads a possibly compressed name.
    ///
    /// - Returns: the labels joined by dots, as sent, and the offset after the name; `nil` when the name runs past the
    ///   message, follows too many pointers, points forward, is over 255 bytes, or has a dot or NUL inside a label.
    package static func read(_ message: Span<UInt8>, at start: Int) -> (text: [UInt8], next: Int)? {
        var text: [UInt8] = []
        var offset = start
        var next: Int?
        var pointers = 0
        while true {
            guard let length = message.byte(at: offset) else { return nil }
            switch length >> 6 {
            case 0:
                if length == 0 { return (text, next ?? offset + 1) }
                // 255 bytes with the lengths and the root are 253 of text (RFC 1035 section 2.3.4).
                let total = text.isEmpty ? Int(length) : text.count + 1 + Int(length)
                guard offset + 1 + Int(length) <= message.count, total <= 253 else { return nil }
                if text.isEmpty {
                    // Most names are shorter; the others grow once or twice. The root, which owns OPT records, takes none.
                    text.reserveCapacity(60)
                } else {
                    text.append(UInt8(ascii: "."))
                }
                for index in (offset + 1)..<(offset + 1 + Int(length)) {
                    guard message[index] != UInt8(ascii: "."), message[index] != 0 else { return nil }
                    text.append(message[index])
                }
                offset += 1 + Int(length)
            case 3:
                guard let low = message.byte(at: offset + 1) else { return nil }
                let target = Int(length & 0x3f) << 8 | Int(low)
                pointers += 1
                // Backwards only: a name made of earlier bytes cannot loop.
                guard target < offset, pointers <= Limits.dnsPointers else { return nil }
                next = next ?? offset + 2
                offset = target
            default:
                return nil
            }
        }
    }

    /// Appends a name, uncompressed.
    package static func append(_ name: HostName, to output: inout [UInt8]) {
        for label in name.labels {
            output.append(UInt8(label.utf8.count))
            output += label.utf8
        }
        output.append(0)
    }
}

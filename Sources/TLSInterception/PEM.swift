/// The textual encoding of certificates and keys (RFC 7468), strict about its base64 and lax about what stands around it.
package enum PEM {
    /// The decoded contents of every block with this label, in order; blocks that are not base64 are left out.
    ///
    /// - Parameter label: such as `CERTIFICATE`.
    package static func blocks(_ label: String, in text: Span<UInt8>) -> [[UInt8]] {
        let begin = Array("-----BEGIN \(label)-----".utf8)
        let end = Array("-----END \(label)-----".utf8)
        var result: [[UInt8]] = []
        var position = 0
        while let start = find(begin, in: text, from: position),
            let stop = find(end, in: text, from: start + begin.count)
        {
            if let content = decode(text, start + begin.count..<stop) { result.append(content) }
            position = stop + end.count
        }
        return result
    }

    /// Whether there is a block with this label.
    package static func hasBlock(_ label: String, in text: Span<UInt8>) -> Bool {
        find(Array("-----BEGIN \(label)-----".utf8), in: text, from: 0) != nil
    }

    /// One block, in lines of 64 characters.
    package static func block(_ label: String, _ content: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result = Array("-----BEGIN \(label)-----\n".utf8)
        for line in stride(from: 0, to: content.count, by: 48) {
            for start in stride(from: line, to: min(line + 48, content.count), by: 3) {
                let count = min(3, content.count - start)
                let group = (0..<3).reduce(0) { $0 << 8 | ($1 < count ? Int(content[start + $1]) : 0) }
                for index in 0..<4 {
                    result.append(index <= count ? alphabet[group >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
                }
            }
            result.append(UInt8(ascii: "\n"))
        }
        return result + Array("-----END \(label)-----\n".utf8)
    }

    private static func find(_ pattern: [UInt8], in text: Span<UInt8>, from start: Int) -> Int? {
        guard text.count - start >= pattern.count else { return nil }
        for position in start...text.count - pattern.count where text[position] == pattern[0] {
            var matched = 1
            while matched < pattern.count, text[position + matched] == pattern[matched] { matched += 1 }
            if matched == pattern.count { return position }
        }
        return nil
    }

    /// What a character of base64 stands for; 64 padding, 65 white space, 255 anything else.
    private static let values: [UInt8] = (0...255).map { (byte: UInt8) in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        case UInt8(ascii: "="): 64
        case 0x20, 0x09, 0x0a, 0x0d: 65
        default: 255
        }
    }

    private static func decode(_ text: Span<UInt8>, _ range: Range<Int>) -> [UInt8]? {
        let values = values
        var result: [UInt8] = []
        result.reserveCapacity(range.count * 3 / 4)
        var group: UInt32 = 0
        var count = 0
        var padding = 0
        for position in range {
            let value = values[Int(text[position])]
            guard value < 64 else {
                guard value != 255 else { return nil }
                if value == 64 { padding += 1 }
                continue
            }
            guard padding == 0 else { return nil }
            group = group << 6 | UInt32(value)
            count += 1
            guard count == 4 else { continue }
            result.append(UInt8(truncatingIfNeeded: group >> 16))
            result.append(UInt8(truncatingIfNeeded: group >> 8))
            result.append(UInt8(truncatingIfNeeded: group))
            (group, count) = (0, 0)
        }
        switch (count, padding) {
        case (0, 0): break
        case (2, 2): result.append(UInt8(truncatingIfNeeded: group >> 4))
        case (3, 1):
            result.append(UInt8(truncatingIfNeeded: group >> 10))
            result.append(UInt8(truncatingIfNeeded: group >> 2))
        default: return nil
        }
        return result
    }
}

extension IPAddress: CustomStringConvertible, LosslessStringConvertible {
    /// Reads dotted-quad IPv4 or RFC 4291 IPv6 text. Zone identifiers, leading zeros in IPv4 octets, and every other
    /// spelling that `inet_aton` would guess at (octal, hexadecimal, fewer than four parts) are refused.
    package init?(_ text: String) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let address = IPAddress.parseV6(text) else { return nil }
            self = address
        } else {
            guard let bits = IPAddress.parseV4(text[...]) else { return nil }
            self.init(v4: bits)
        }
    }

    private static func parseV4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != 0x30, let octet = UInt8(part)
            else { return nil }
            bits = bits << 8 | UInt32(octet)
        }
        return bits
    }

    private static func parseV6(_ text: String) -> IPAddress? {
        guard text.utf8.count <= 45 else { return nil }
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        guard var front = groups(of: halves[0], mayEndInV4: halves.count == 1) else { return nil }
        if halves.count == 2 {
            guard let back = groups(of: halves[1], mayEndInV4: true), front.count + back.count <= 7 else { return nil }
            front += [UInt16](repeating: 0, count: 8 - front.count - back.count) + back
        }
        guard front.count == 8 else { return nil }
        let high = front[0..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        let low = front[4..<8].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        return IPAddress(v6High: high, low: low)
    }

    private static func groups(of text: Substring, mayEndInV4: Bool) -> [UInt16]? {
        if text.isEmpty { return [] }
        var result: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part.utf8.contains(UInt8(ascii: ".")) {
                guard mayEndInV4, index == parts.count - 1, let bits = parseV4(part) else { return nil }
                result.append(UInt16(truncatingIfNeeded: bits >> 16))
                result.append(UInt16(truncatingIfNeeded: bits))
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0 != 0x2b && $0 != 0x2d }),
                let group = UInt16(part, radix: 16)
            else { return nil }
            result.append(group)
        }
        return result.count <= 8 ? result : nil
    }

    /// Canonical text: dotted quad, or RFC 5952 for IPv6.
    package var description: String {
        switch family {
        case .v4:
            return "\(low >> 24 & 255).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)"
        case .v6:
            if high == 0, low >> 32 == 0xffff {
                return "::ffff:" + IPAddress(v4: UInt32(truncatingIfNeeded: low)).description
            }
            let groups = (0..<8).map { index in
                UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)))
            }
            var best = 0..<0
            var start = 0
            while start < 8 {
                guard groups[start] == 0 else { start += 1; continue }
                var end = start
                while end < 8, groups[end] == 0 { end += 1 }
                if end - start > max(best.count, 1) { best = start..<end }
                start = end
            }
            func text(_ range: Range<Int>) -> String {
                groups[range].map { String($0, radix: 16) }.joined(separator: ":")
            }
            return best.isEmpty ? text(0..<8) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
        }
    }
}

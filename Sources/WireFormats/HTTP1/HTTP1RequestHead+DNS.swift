extension HTTP1RequestHead {
    /// True for DNS over HTTPS by what the request says of itself: its content or the wanted answer is a DNS message
    /// (RFC 8484 section 4.1, the JSON form of public resolvers, RFC 9230), or its query has the parameter `dns` on the
    /// path that resolvers have by convention, or with a DNS query as its value on any path. Allocates only for the last.
    package var carriesDNS: Bool {
        let bytes = section.bytes.span
        for field in fields where field.kind == .endToEnd {
            guard
                bytes.isEqual(field.name, ignoringCase: Self.contentType)
                    || bytes.isEqual(field.name, ignoringCase: Self.accept)
            else { continue }
            for type in Self.messageTypes where bytes.contains(type, in: field.value) { return true }
        }
        return asksByParameter
    }

    private static let contentType = Array("content-type".utf8)
    private static let accept = Array("accept".utf8)
    private static let messageTypes = ["application/dns-", "application/oblivious-dns-"].map { Array($0.utf8) }
    private static let conventionalPath = Array("dns-query".utf8)

    private var asksByParameter: Bool {
        let bytes = section.bytes.span
        // Behind the `?`.
        var start = path.upperBound + 1
        while start < target.upperBound {
            var end = start
            while end < target.upperBound, bytes[end] != UInt8(ascii: "&"), bytes[end] != UInt8(ascii: ";") { end += 1 }
            if end - start >= 4, bytes.unescaped(start..<end, startsWith: Self.parameter) {
                if isConventionalPath { return true }
                let value = [UInt8](base64URL: bytes.extracting(min(start + 4, end)..<end))
                if case .query = DNSQuery.parse(value.span) { return true }
            }
            start = end + 1
        }
        return false
    }

    private static let parameter = Array("dns=".utf8)

    /// The last segment is `dns-query`, in any case or escape.
    private var isConventionalPath: Bool {
        let bytes = section.bytes.span
        var start = path.upperBound
        while start > path.lowerBound, bytes[start - 1] != UInt8(ascii: "/") { start -= 1 }
        return bytes.unescaped(start..<path.upperBound, startsWith: Self.conventionalPath)
    }
}

extension Span where Element == UInt8 {
    /// True when the lower-case token is somewhere in the range, in any case.
    fileprivate func contains(_ token: [UInt8], in range: Range<Int>) -> Bool {
        guard range.count >= token.count else { return false }
        for start in range.lowerBound...range.upperBound - token.count {
            if isEqual(start..<start + token.count, ignoringCase: token) { return true }
        }
        return false
    }

    /// True when the range, its `%XX` undone, begins with the lower-case token in any case.
    fileprivate func unescaped(_ range: Range<Int>, startsWith token: [UInt8]) -> Bool {
        var offset = range.lowerBound
        for expected in token {
            guard offset < range.upperBound else { return false }
            var byte = self[offset]
            if byte == UInt8(ascii: "%"), offset + 2 < range.upperBound, let high = self[offset + 1].hexValue,
                let low = self[offset + 2].hexValue
            {
                byte = high << 4 | low
                offset += 2
            }
            guard byte.lowered == expected else { return false }
            offset += 1
        }
        return true
    }
}

extension [UInt8] {
    /// Decodes base64url or base64 (RFC 4648 sections 4 and 5), padded or not; ends at the first byte that is neither.
    fileprivate init(base64URL text: Span<UInt8>) {
        self = []
        var bits: UInt32 = 0
        var count = 0
        for index in 0..<text.count {
            let digit: UInt8
            switch text[index] {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = text[index] - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = text[index] - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = text[index] - UInt8(ascii: "0") + 52
            case UInt8(ascii: "-"), UInt8(ascii: "+"): digit = 62
            case UInt8(ascii: "_"), UInt8(ascii: "/"): digit = 63
            default: return
            }
            bits = bits << 6 | UInt32(digit)
            count += 6
            if count >= 8 {
                count -= 8
                append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
    }
}

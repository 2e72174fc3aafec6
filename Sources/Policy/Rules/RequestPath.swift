/// The path of a request in the two forms that rules are matched against.
struct RequestPath {
    /// Unreserved characters decoded, other escapes in upper case, dot segments resolved (RFC 3986 section 6.2.2).
    /// Allow rules are matched against this form only.
    let normal: [UInt8]
    /// Every escape decoded and empty segments dropped, as lenient servers read it. Deny rules are matched against
    /// this form too, so that a spelling cannot slip past them.
    let loose: [UInt8]

    /// - Parameter bytes: the path of the request target, without query.
    /// - Returns: `nil` for a path that two servers may read differently: `%2F`, `%5C`, a backslash, encoded or raw
    ///   control bytes, raw non-ASCII, broken escapes, `..` above the root, `..;` (a parameter on a dot segment, which
    ///   some Java servers resolve), or no leading slash.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count > 0, bytes[0] == UInt8(ascii: "/") else { return nil }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "%"):
                guard index + 1 < bytes.count, let high = RequestPath.hexValue(bytes[index]),
                    let low = RequestPath.hexValue(bytes[index + 1])
                else { return nil }
                index += 2
                let value = high << 4 | low
                switch value {
                case 0..<0x20, 0x7f, UInt8(ascii: "/"), UInt8(ascii: "\\"): return nil
                case _ where RequestPath.isUnreserved(value): decoded.append(value)
                default: TextSafety.appendEscape(of: value, to: &decoded)
                }
            case UInt8(ascii: "*"):
                // A literal star gets the spelling that a pattern can name.
                TextSafety.appendEscape(of: byte, to: &decoded)
            case 0x21...0x7e where byte != UInt8(ascii: "\\"):
                decoded.append(byte)
            default:
                return nil
            }
        }
        guard let resolved = RequestPath.resolvingDotSegments(decoded) else { return nil }
        normal = resolved
        loose = RequestPath.loosened(resolved)
    }

    /// RFC 3986 section 5.2.4, except that `..` above the root is refused instead of dropped.
    private static func resolvingDotSegments(_ path: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(path.count)
        var start = 1
        while start <= path.count {
            let end = path[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.count
            let segment = path[start..<end]
            let name = segment.prefix { $0 != UInt8(ascii: ";") }
            let isDots = (1...2).contains(name.count) && name.allSatisfy { $0 == UInt8(ascii: ".") }
            if isDots {
                guard name.count == segment.count else { return nil }
                if name.count == 2 {
                    guard let slash = output.lastIndex(of: UInt8(ascii: "/")) else { return nil }
                    output.removeSubrange(slash...)
                }
                // A dot segment at the end leaves its slash.
                if end == path.count { output.append(UInt8(ascii: "/")) }
            } else {
                output.append(UInt8(ascii: "/"))
                output.append(contentsOf: segment)
            }
            start = end + 1
        }
        return output
    }

    private static func loosened(_ path: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(path.count)
        var index = 0
        while index < path.count {
            var byte = path[index]
            index += 1
            if byte == UInt8(ascii: "%"), index + 1 < path.count, let high = hexValue(path[index]),
                let low = hexValue(path[index + 1])
            {
                byte = high << 4 | low
                index += 2
            } else if byte == UInt8(ascii: "/"), output.last == byte {
                continue
            }
            output.append(byte)
        }
        return output
    }

    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

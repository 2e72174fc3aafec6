/// A DNS host name in the one form in which names are compared: ASCII, lower case, no trailing dot.
///
/// Letters, digits, hyphens and underscores in labels of 1 to 63 bytes, 253 bytes in all (RFC 1035 section 2.3.4,
/// RFC 952/1123; the underscore for SRV-style owner names, RFC 8552). NUL, control bytes and text that is an IPv4
/// address are refused. Internationalised names appear in their `xn--` form.
package struct HostName: Hashable, Sendable {
    package let text: String

    /// - Throws: what is wrong with the name, for the log; the name itself is not part of the error.
    package init(_ bytes: Span<UInt8>) throws(HostNameError) {
        let length = try HostName.validatedLength(of: bytes)
        var lowered: [UInt8] = []
        lowered.reserveCapacity(length)
        for index in 0..<length {
            let byte = bytes[index]
            lowered.append((0x41...0x5a).contains(byte) ? byte | 0x20 : byte)
        }
        text = String(decoding: lowered, as: UTF8.self)
    }

    /// Checks a name without making one, so that hot paths can compare before they allocate.
    ///
    /// - Returns: the length in bytes without a trailing dot.
    package static func validatedLength(of bytes: Span<UInt8>) throws(HostNameError) -> Int {
        var length = bytes.count
        if length > 0, bytes[length - 1] == UInt8(ascii: ".") { length -= 1 }
        guard length > 0 else { throw .empty }
        guard length <= 253 else { throw .tooLong }
        var labelLength = 0
        var lastLabelIsNumeric = true
        for index in 0..<length {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                lastLabelIsNumeric = false
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                break
            case UInt8(ascii: "-"):
                guard labelLength > 0, index + 1 < length, bytes[index + 1] != UInt8(ascii: ".") else {
                    throw .hyphenAtEdge
                }
                lastLabelIsNumeric = false
            case UInt8(ascii: "."):
                guard labelLength > 0 else { throw .emptyLabel }
                labelLength = 0
                lastLabelIsNumeric = true
                continue
            default:
                throw .forbiddenByte(byte)
            }
            labelLength += 1
            guard labelLength <= 63 else { throw .labelTooLong }
        }
        // A name whose last label is a number reads as an IPv4 address to some resolvers (RFC 1123 section 2.1).
        guard !lastLabelIsNumeric else { throw .looksLikeAddress }
        return length
    }

    package init(_ text: String) throws(HostNameError) {
        let bytes = Array(text.utf8)
        try self.init(bytes.span)
    }

    /// Labels from the left: `["api", "github", "com"]`.
    package var labels: [Substring] { text.split(separator: ".") }
}

extension HostName: CustomStringConvertible {
    package var description: String { text }
}

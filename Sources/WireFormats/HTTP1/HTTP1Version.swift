/// The versions of HTTP/1 there are.
package enum HTTP1Version: Sendable, Hashable {
    case http10
    case http11

    /// Reads `HTTP/1.0` or `HTTP/1.1`; case matters (RFC 9112 section 2.3).
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTP1Violation) {
        let prefix: [UInt8] = [0x48, 0x54, 0x54, 0x50, 0x2f]  // HTTP/
        guard range.count == 8 else { throw .malformedVersion }
        for (offset, byte) in prefix.enumerated() where bytes[range.lowerBound + offset] != byte { throw .malformedVersion }
        let major = bytes[range.lowerBound + 5]
        let minor = bytes[range.lowerBound + 7]
        guard major.isDigit, minor.isDigit, bytes[range.lowerBound + 6] == UInt8(ascii: ".") else { throw .malformedVersion }
        switch (major, minor) {
        case (UInt8(ascii: "1"), UInt8(ascii: "1")): self = .http11
        case (UInt8(ascii: "1"), UInt8(ascii: "0")): self = .http10
        default: throw .unsupportedVersion
        }
    }
}

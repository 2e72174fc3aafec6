/// The fields that mean something to whoever forwards a message.
package enum HTTP1FieldKind: UInt8, Sendable, Hashable {
    /// Meant for the other end; forwarded as it is.
    case endToEnd
    case host
    case contentLength
    case transferEncoding
    case connection
    case te
    case trailer
    case upgrade
    case expect
    /// `Keep-Alive`, `Proxy-…`, `HTTP2-Settings`: for this connection only.
    case hopByHop
    /// Named by `Connection`, so for this connection only.
    case nominated

    private static let names: [(name: [UInt8], kind: HTTP1FieldKind)] = [
        (Array("host".utf8), .host), (Array("content-length".utf8), .contentLength),
        (Array("transfer-encoding".utf8), .transferEncoding), (Array("connection".utf8), .connection),
        (Array("te".utf8), .te), (Array("trailer".utf8), .trailer), (Array("upgrade".utf8), .upgrade),
        (Array("expect".utf8), .expect), (Array("keep-alive".utf8), .hopByHop), (Array("http2-settings".utf8), .hopByHop),
    ]

    /// Bit n is set when a name in the list has n bytes: most fields are told apart by that alone.
    private static let lengths: UInt64 = names.reduce(0) { $0 | 1 << UInt64($1.name.count) }

    private static let proxyPrefix = Array("proxy-".utf8)

    /// - Parameter range: a name that is a token.
    /// - Throws: ``HTTP1Violation/framingLookAlike`` for a name that differs from a framing field's only in what stands
    ///   between its words: gateways to CGI, WSGI and the like write both as `CONTENT_LENGTH`.
    static func kind(of bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTP1Violation) -> HTTP1FieldKind {
        let isLengthKnown = range.count < 64 && lengths >> UInt64(range.count) & 1 == 1
        if isLengthKnown, let kind = try listed(bytes, range) { return kind }
        if range.count > proxyPrefix.count, bytes[range.lowerBound].lowered == proxyPrefix[0],
            bytes.isEqual(range.lowerBound..<range.lowerBound + proxyPrefix.count, ignoringCase: proxyPrefix)
        {
            return .hopByHop
        }
        return .endToEnd
    }

    private static func listed(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTP1Violation) -> HTTP1FieldKind? {
        for entry in names where entry.name.count == range.count {
            if bytes.isEqual(range, ignoringCase: entry.name) { return entry.kind }
            guard entry.kind == .contentLength || entry.kind == .transferEncoding else { continue }
            if isLookAlike(bytes, range, of: entry.name) { throw .framingLookAlike }
        }
        return nil
    }

    private static func isLookAlike(_ bytes: Span<UInt8>, _ range: Range<Int>, of name: [UInt8]) -> Bool {
        for (offset, expected) in name.enumerated() {
            let byte = bytes[range.lowerBound + offset].lowered
            let isLetter = (0x61...0x7a).contains(byte) || byte.isDigit
            guard expected == UInt8(ascii: "-") ? !isLetter : byte == expected else { return false }
        }
        return true
    }
}

/// `method SP request-target SP HTTP-version` (RFC 9112 section 3), with exactly these two spaces.
struct HTTP1RequestLine {
    let method: Range<Int>
    let target: Range<Int>
    let path: Range<Int>
    let version: HTTP1Version
    /// Where the first field line starts.
    let end: Int
    let isHEAD: Bool
    let isTRACE: Bool
    /// GET, HEAD, DELETE, OPTIONS, TRACE: content has no meaning defined for them (RFC 9110 section 9.3).
    let definesNoContent: Bool

    private static let noContentMethods = ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"].map { Array($0.utf8) }
    private static let connect = Array("CONNECT".utf8)

    init(_ bytes: Span<UInt8>) throws(HTTP1Violation) {
        var lineEnd = 0
        while bytes[lineEnd] != .carriageReturn { lineEnd += 1 }
        var cursor = 0
        while cursor < lineEnd, bytes[cursor].isTokenByte { cursor += 1 }
        guard cursor > 0, cursor < lineEnd, bytes[cursor] == .space else { throw .malformedRequestLine }
        method = 0..<cursor
        let targetStart = cursor + 1
        cursor = targetStart
        while cursor < lineEnd, bytes[cursor] != .space { cursor += 1 }
        guard cursor > targetStart, cursor < lineEnd else { throw .malformedRequestLine }
        target = targetStart..<cursor
        for index in cursor + 1..<lineEnd where bytes[index] == .space { throw .malformedRequestLine }
        version = try HTTP1Version(bytes, cursor + 1..<lineEnd)
        end = lineEnd + 2
        let name = bytes.extracting(method)
        guard HTTPMethods.isRegistered(name) else { throw .unknownMethod }
        guard !name.isEqual(to: HTTP1RequestLine.connect) else { throw .connectMethod }
        isHEAD = name.isEqual(to: HTTP1RequestLine.noContentMethods[1])
        isTRACE = name.isEqual(to: HTTP1RequestLine.noContentMethods[4])
        var definesNoContent = false
        for other in HTTP1RequestLine.noContentMethods where name.isEqual(to: other) { definesNoContent = true }
        self.definesNoContent = definesNoContent
        path = try HTTP1RequestLine.path(bytes, target, isOPTIONS: name.isEqual(to: HTTP1RequestLine.noContentMethods[3]))
    }

    private static func path(
        _ bytes: Span<UInt8>, _ target: Range<Int>, isOPTIONS: Bool
    ) throws(HTTP1Violation) -> Range<Int> {
        for index in target {
            switch bytes[index] {
            case UInt8(ascii: "#"): throw .fragmentInTarget
            case UInt8(ascii: "\\"), 0..<0x21, 0x7f...0xff: throw .forbiddenByteInTarget
            default: break
            }
        }
        guard bytes[target.lowerBound] == UInt8(ascii: "/") else {
            if target.count == 1, bytes[target.lowerBound] == UInt8(ascii: "*") {
                guard isOPTIONS else { throw .asteriskForm }
                return target
            }
            for index in target.dropLast(2)
            where bytes[index] == UInt8(ascii: ":") && bytes[index + 1] == UInt8(ascii: "/") && bytes[index + 2] == UInt8(ascii: "/") {
                throw .absoluteForm
            }
            throw .malformedTarget
        }
        var end = target.lowerBound
        while end < target.upperBound, bytes[end] != UInt8(ascii: "?") {
            if bytes[end] == UInt8(ascii: "%") { try checkEscape(bytes, end, target.upperBound) }
            end += 1
        }
        return target.lowerBound..<end
    }

    /// The query may hold anything, as programs put text there; in the path a control byte only misleads.
    private static func checkEscape(_ bytes: Span<UInt8>, _ index: Int, _ end: Int) throws(HTTP1Violation) {
        guard index + 2 < end, let high = bytes[index + 1].hexValue, let low = bytes[index + 2].hexValue else {
            throw .forbiddenEscapeInPath
        }
        let value = high << 4 | low
        guard value >= 0x20, value != 0x7f else { throw .forbiddenEscapeInPath }
    }
}

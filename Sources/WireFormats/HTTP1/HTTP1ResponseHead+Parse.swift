extension HTTP1ResponseHead {
    /// Reads a response head from the start of `bytes`.
    ///
    /// - Parameters:
    ///   - bytes: all bytes of the connection that have not been consumed.
    ///   - answeringHEAD: the request was HEAD, so the response has no content whatever its fields say.
    ///   - scanFrom: 0, or what the last call on these bytes returned.
    package static func parse(
        _ bytes: Span<UInt8>, answeringHEAD: Bool, scanFrom: Int = 0, limits: HTTP1Limits = .standard
    ) throws(HTTP1Violation) -> HTTP1ParseResult<HTTP1ResponseHead> {
        let (end, next) = try HTTP1HeadScanner.scan(bytes, from: scanFrom, limits: limits)
        guard let end else { return .needMore(scanFrom: next) }
        // The empty line is not kept.
        let copy = [UInt8](copying: bytes, 0..<end - 2)
        return .head(try HTTP1ResponseHead(copy, answeringHEAD: answeringHEAD, limits: limits), consumed: end)
    }

    private init(_ bytes: [UInt8], answeringHEAD: Bool, limits: HTTP1Limits) throws(HTTP1Violation) {
        let line = try HTTP1ResponseHead.statusLine(bytes.span)
        var section = try HTTP1FieldSection(bytes, from: line.end, fieldLimit: limits.fieldCount, isTrailer: false)
        let message = try HTTP1MessageFields(&section, version: line.version)
        switch line.status {
        case 100...199, 204:
            // RFC 9112 section 6.1 and RFC 9110 section 8.6: such a response has neither. A length of 0 does no harm.
            guard !message.isChunked, message.contentLength ?? 0 == 0 else { throw .unexpectedContent }
            framing = .none
        case 304: framing = .none
        case _ where answeringHEAD: framing = .none
        default: framing = message.isChunked ? .chunked : message.contentLength.map { .length($0) } ?? .untilClose
        }
        self.section = section
        status = line.status
        reasonPhrase = line.reason
        version = line.version
        contentLength = message.contentLength
        keepAlive = framing != .untilClose && !message.hasClose && (line.version == .http11 || message.hasKeepAlive)
        upgrade = message.hasUpgradeOption ? message.upgrade : nil
    }

    /// `HTTP-version SP status-code SP [reason-phrase]` (RFC 9112 section 4). Many servers leave out the second space
    /// when there is no reason; nobody can read that in two ways.
    private static func statusLine(
        _ bytes: Span<UInt8>
    ) throws(HTTP1Violation) -> (version: HTTP1Version, status: Int, reason: Range<Int>, end: Int) {
        var lineEnd = 0
        while bytes[lineEnd] != .carriageReturn { lineEnd += 1 }
        guard lineEnd >= 12 else { throw .malformedStatusLine }
        let version = try HTTP1Version(bytes, 0..<8)
        guard bytes[8] == .space, bytes[9].isDigit, bytes[10].isDigit, bytes[11].isDigit,
            lineEnd == 12 || bytes[12] == .space
        else { throw .malformedStatusLine }
        let status = Int(bytes[9] - 0x30) * 100 + Int(bytes[10] - 0x30) * 10 + Int(bytes[11] - 0x30)
        guard (100...599).contains(status) else { throw .unknownStatus }
        return (version, status, min(13, lineEnd)..<lineEnd, lineEnd + 2)
    }
}

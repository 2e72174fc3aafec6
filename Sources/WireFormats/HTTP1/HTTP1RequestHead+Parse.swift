extension HTTP1RequestHead {
    /// Reads a request head from the start of `bytes`.
    ///
    /// - Parameters:
    ///   - bytes: all bytes of the connection that have not been consumed.
    ///   - scanFrom: 0, or what the last call on these bytes returned.
    /// - Throws: the rule that is broken, as soon as it is: also when the head is not complete yet.
    package static func parse(
        _ bytes: Span<UInt8>, scanFrom: Int = 0, limits: HTTP1Limits = .standard
    ) throws(HTTP1Violation) -> HTTP1ParseResult<HTTP1RequestHead> {
        let (end, next) = try HTTP1HeadScanner.scan(bytes, from: scanFrom, limits: limits)
        guard let end else { return .needMore(scanFrom: next) }
        // The empty line is not kept.
        let copy = [UInt8](copying: bytes, 0..<end - 2)
        return .head(try HTTP1RequestHead(copy, limits: limits), consumed: end)
    }

    private init(_ bytes: [UInt8], limits: HTTP1Limits) throws(HTTP1Violation) {
        let line = try HTTP1RequestLine(bytes.span)
        var section = try HTTP1FieldSection(bytes, from: line.end, fieldLimit: limits.fieldCount, isTrailer: false)
        let message = try HTTP1MessageFields(&section, version: line.version)
        guard let host = message.host else { throw .missingHost }
        let parts = try HTTPAuthority.parts(bytes.span, host)
        let framing: HTTP1Framing = message.isChunked ? .chunked : message.contentLength.map { .length($0) } ?? .none
        let hasContent = framing != .none && framing != .length(0)
        guard !(hasContent && (line.isHEAD || line.isTRACE)) else { throw .unexpectedContent }
        self.section = section
        method = line.method
        target = line.target
        path = line.path
        version = line.version
        self.framing = framing
        keepAlive = !message.hasClose && (line.version == .http11 || message.hasKeepAlive)
        expectsContinue = message.expectsContinue
        upgrade = line.version == .http11 && message.hasUpgradeOption ? message.upgrade : nil
        acceptsTrailers = message.acceptsTrailers
        isHEAD = line.isHEAD
        hasUnusualContent = hasContent && line.definesNoContent
        hostName = parts.name
        hostPort = parts.port
        hostAddress = parts.address
    }
}

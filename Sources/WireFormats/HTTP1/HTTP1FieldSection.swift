/// The fields of a head or of trailers, stored once: the bytes as they came and where each field is in them.
package struct HTTP1FieldSection: Sendable, Hashable {
    /// Start line and fields, without the empty line. All ranges of a head point in here.
    package let bytes: [UInt8]
    package private(set) var fields: [HTTP1Field]

    /// Reads field lines.
    ///
    /// - Parameters:
    ///   - bytes: the section, each line with its CRLF; line ends and control bytes have been checked.
    ///   - start: where the first field line begins.
    ///   - isTrailer: the fields come after the content, where many are forbidden.
    init(_ bytes: [UInt8], from start: Int, fieldLimit: Int, isTrailer: Bool) throws(HTTP1Violation) {
        self.bytes = bytes
        let span = bytes.span
        fields = []
        fields.reserveCapacity(min(HTTP1FieldSection.lineCount(span, from: start), fieldLimit))
        var lineStart = start
        while lineStart < span.count {
            var lineEnd = lineStart
            while span[lineEnd] != .carriageReturn { lineEnd += 1 }
            guard fields.count < fieldLimit else { throw isTrailer ? .trailersTooLarge : .tooManyFields }
            fields.append(try HTTP1FieldSection.field(span, lineStart..<lineEnd, isFirst: fields.isEmpty, isTrailer: isTrailer))
            lineStart = lineEnd + 2
        }
    }

    private static func lineCount(_ span: Span<UInt8>, from start: Int) -> Int {
        var count = 0
        for index in start..<span.count where span[index] == .lineFeed { count += 1 }
        return count
    }

    private static func field(
        _ span: Span<UInt8>, _ line: Range<Int>, isFirst: Bool, isTrailer: Bool
    ) throws(HTTP1Violation) -> HTTP1Field {
        if span[line.lowerBound] == .space || span[line.lowerBound] == .tab {
            throw isFirst ? .whitespaceBeforeFields : .foldedField
        }
        var colon = line.lowerBound
        while colon < line.upperBound, span[colon] != UInt8(ascii: ":") {
            guard span[colon].isTokenByte else { throw .malformedFieldName }
            colon += 1
        }
        guard colon < line.upperBound, colon > line.lowerBound else { throw .malformedField }
        let name = line.lowerBound..<colon
        let kind = try HTTP1FieldKind.kind(of: span, name)
        if isTrailer, kind != .endToEnd || HTTP1EndToEndFields.mustNotBeTrailer(span, name) { throw .forbiddenTrailer }
        // Around a field that decides where messages end or go there is one space or none: readers trim differently.
        let raw = colon + 1..<line.upperBound
        let value = span.trimmed(raw)
        switch kind {
        case .contentLength where value.lowerBound - raw.lowerBound > 1 || value.upperBound < raw.upperBound || hasTab(span, raw):
            throw .invalidContentLength
        case .transferEncoding where value.lowerBound - raw.lowerBound > 1 || value.upperBound < raw.upperBound || hasTab(span, raw):
            throw .invalidTransferEncoding
        case .host where value.lowerBound - raw.lowerBound > 1 || value.upperBound < raw.upperBound || hasTab(span, raw):
            throw .invalidHost
        default:
            return HTTP1Field(name: name, value: value, kind: kind)
        }
    }

    private static func hasTab(_ span: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range where span[index] == .tab { return true }
        return false
    }

    /// Marks the fields that `Connection` names as meant for this connection only.
    mutating func nominate(_ name: Range<Int>) {
        let bytes = bytes
        for index in fields.indices where fields[index].kind == .endToEnd {
            let other = fields[index].name
            guard other.count == name.count else { continue }
            var offset = 0
            while offset < name.count, bytes[other.lowerBound + offset].lowered == bytes[name.lowerBound + offset].lowered {
                offset += 1
            }
            if offset == name.count { fields[index].kind = .nominated }
        }
    }

    /// - Parameter name: in lower case.
    /// - Returns: the value of the first field of that name.
    package func firstValue(of name: String) -> String? {
        let token = Array(name.utf8)
        let span = bytes.span
        for field in fields where span.isEqual(field.name, ignoringCase: token) { return text(field.value) }
        return nil
    }

    /// The bytes of a range as text; invalid UTF-8 is replaced.
    package func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

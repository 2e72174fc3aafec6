/// What the fields of a message say about framing and connection, gathered in one pass.
struct HTTP1MessageFields {
    private(set) var contentLength: UInt64?
    private(set) var isChunked = false
    private(set) var host: Range<Int>?
    private(set) var expectsContinue = false
    private(set) var upgrade: Range<Int>?
    private(set) var acceptsTrailers = false
    private(set) var hasClose = false
    private(set) var hasKeepAlive = false
    private(set) var hasUpgradeOption = false
    private var hasExpect = false

    private static let chunked = Array("chunked".utf8)
    private static let continueToken = Array("100-continue".utf8)
    private static let trailers = Array("trailers".utf8)
    private static let close = Array("close".utf8)
    private static let keepAlive = Array("keep-alive".utf8)
    private static let upgradeToken = Array("upgrade".utf8)

    /// - Parameter section: fields that `Connection` names are marked in it.
    init(_ section: inout HTTP1FieldSection, version: HTTP1Version) throws(HTTP1Violation) {
        for name in try read(section, version: version) { section.nominate(name) }
        guard !(isChunked && contentLength != nil) else { throw .lengthAndTransferEncoding }
    }

    /// - Returns: the names in `Connection` that are not options of its own.
    private mutating func read(
        _ section: borrowing HTTP1FieldSection, version: HTTP1Version
    ) throws(HTTP1Violation) -> [Range<Int>] {
        let span = section.bytes.span
        var nominated: [Range<Int>] = []
        for field in section.fields {
            switch field.kind {
            case .endToEnd, .hopByHop, .nominated, .trailer: break
            case .host:
                guard host == nil else { throw .repeatedHost }
                host = field.value
            case .contentLength:
                guard contentLength == nil else { throw .repeatedContentLength }
                contentLength = try HTTP1MessageFields.decimal(span, field.value)
            case .transferEncoding:
                guard !isChunked else { throw .repeatedTransferEncoding }
                guard version == .http11 else { throw .transferEncodingInHTTP10 }
                guard span.isEqual(field.value, ignoringCase: HTTP1MessageFields.chunked) else {
                    throw .invalidTransferEncoding
                }
                isChunked = true
            case .expect:
                guard !hasExpect, span.isEqual(field.value, ignoringCase: HTTP1MessageFields.continueToken) else {
                    throw .unknownExpectation
                }
                hasExpect = true
                // Ignored in HTTP/1.0 (RFC 9110 section 10.1.1).
                expectsContinue = version == .http11
            case .upgrade:
                guard upgrade == nil else { throw .repeatedUpgrade }
                upgrade = field.value
            case .te:
                try span.forEachListElement(in: field.value) { (element) throws(HTTP1Violation) in
                    if span.isEqual(element, ignoringCase: HTTP1MessageFields.trailers) { acceptsTrailers = true }
                }
            case .connection:
                try span.forEachListElement(in: field.value) { (option) throws(HTTP1Violation) in
                    if let name = try readOption(span, option) { nominated.append(name) }
                }
            }
        }
        return nominated
    }

    /// - Returns: the option when it is the name of a field to drop.
    private mutating func readOption(_ span: Span<UInt8>, _ option: Range<Int>) throws(HTTP1Violation) -> Range<Int>? {
        guard span.isToken(option) else { throw .malformedConnection }
        if span.isEqual(option, ignoringCase: HTTP1MessageFields.close) {
            hasClose = true
        } else if span.isEqual(option, ignoringCase: HTTP1MessageFields.keepAlive) {
            hasKeepAlive = true
        } else if span.isEqual(option, ignoringCase: HTTP1MessageFields.upgradeToken) {
            hasUpgradeOption = true
        } else {
            switch try HTTP1FieldKind.kind(of: span, option) {
            case .host, .contentLength, .transferEncoding, .expect: throw .connectionNamesEndToEndField
            case .connection, .te, .trailer, .upgrade, .hopByHop, .nominated: break
            case .endToEnd:
                guard !HTTP1EndToEndFields.mustNotBeNominated(span, option) else { throw .connectionNamesEndToEndField }
                return option
            }
        }
        return nil
    }

    /// `1*DIGIT` without leading zeros, so that nobody reads it as octal (RFC 9110 section 8.6).
    private static func decimal(_ span: Span<UInt8>, _ range: Range<Int>) throws(HTTP1Violation) -> UInt64 {
        guard !range.isEmpty, range.count == 1 || span[range.lowerBound] != UInt8(ascii: "0") else {
            throw .invalidContentLength
        }
        var value: UInt64 = 0
        for index in range {
            guard span[index].isDigit else { throw .invalidContentLength }
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tenfold.addingReportingOverflow(UInt64(span[index] - 0x30))
            guard !overflow, !carry else { throw .invalidContentLength }
            value = sum
        }
        return value
    }
}

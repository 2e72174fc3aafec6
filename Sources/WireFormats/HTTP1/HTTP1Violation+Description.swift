extension HTTP1Violation: CustomStringConvertible {
    package var description: String {
        switch self {
        case .leadingLineBreak: "a line break before the start line"
        case .bareLineFeed: "a line feed without a carriage return"
        case .bareCarriageReturn: "a carriage return without a line feed"
        case .controlByte: "a control byte"
        case .headTooLarge: "the head is too large"
        case .tooManyFields: "too many fields"
        case .malformedRequestLine: "the request line is not method, space, target, space, version"
        case .startLineTooLong: "the first line is too long"
        case .unknownMethod: "a method that is not registered"
        case .connectMethod: "CONNECT: no tunnels are opened"
        case .malformedVersion: "a malformed HTTP version"
        case .unsupportedVersion: "an HTTP version other than 1.0 and 1.1"
        case .absoluteForm: "an absolute URL as the target"
        case .malformedTarget: "a target that does not start with a slash"
        case .asteriskForm: "`*` as the target of a method other than OPTIONS"
        case .fragmentInTarget: "a fragment in the target"
        case .forbiddenByteInTarget: "a byte in the target that no URL holds"
        case .forbiddenEscapeInPath: "a broken escape or an escaped control byte in the path"
        case .malformedStatusLine: "the status line is not version, space, code, space, reason"
        case .unknownStatus: "a status code below 100 or above 599"
        case .unaskedSwitch: "a switch of protocols that nobody asked for"
        case .tooManyInterimResponses: "too many interim responses"
        case .malformedField: "a field line without a name or a colon"
        case .malformedFieldName: "a field name that is not a token, or white space before its colon"
        case .whitespaceBeforeFields: "white space before the first field"
        case .foldedField: "a folded field line"
        case .framingLookAlike: "a field name that looks like a framing field"
        case .missingHost: "no Host field"
        case .repeatedHost: "more than one Host field"
        case .invalidHost: "an invalid Host field"
        case .lengthAndTransferEncoding: "both Content-Length and Transfer-Encoding"
        case .repeatedContentLength: "more than one Content-Length"
        case .invalidContentLength: "a Content-Length that is not a plain number"
        case .invalidTransferEncoding: "a Transfer-Encoding other than chunked"
        case .repeatedTransferEncoding: "more than one Transfer-Encoding"
        case .transferEncodingInHTTP10: "Transfer-Encoding in HTTP/1.0"
        case .unexpectedContent: "content where there is none"
        case .unknownExpectation: "an expectation other than 100-continue"
        case .repeatedUpgrade: "more than one Upgrade field"
        case .malformedConnection: "a malformed Connection field"
        case .connectionNamesEndToEndField: "a Connection field that names a field meant for the server"
        case .invalidChunkSize: "an invalid chunk size"
        case .invalidChunkExtension: "an invalid chunk extension"
        case .chunkExtensionTooLong: "a chunk extension that is too long"
        case .missingChunkEnd: "a chunk without its line end"
        case .trailersTooLarge: "the trailers are too large"
        case .forbiddenTrailer: "a field that must not be a trailer"
        }
    }

    /// Status of the answer when a request breaks the rule; a response that does is 502.
    package var httpStatus: Int {
        switch self {
        case .headTooLarge, .tooManyFields, .trailersTooLarge: 431
        case .startLineTooLong: 414
        case .unknownExpectation: 417
        case .unknownMethod, .connectMethod: 501
        case .unsupportedVersion: 505
        case .leadingLineBreak, .bareLineFeed, .bareCarriageReturn, .controlByte, .malformedRequestLine,
            .malformedVersion, .absoluteForm, .malformedTarget, .asteriskForm, .fragmentInTarget,
            .forbiddenByteInTarget, .forbiddenEscapeInPath, .malformedStatusLine, .unknownStatus, .unaskedSwitch, .tooManyInterimResponses,
            .malformedField, .malformedFieldName, .whitespaceBeforeFields, .foldedField, .framingLookAlike, .missingHost, .repeatedHost,
            .invalidHost, .lengthAndTransferEncoding, .repeatedContentLength, .invalidContentLength,
            .invalidTransferEncoding, .repeatedTransferEncoding, .transferEncodingInHTTP10, .unexpectedContent,
            .repeatedUpgrade, .malformedConnection, .connectionNamesEndToEndField, .invalidChunkSize,
            .invalidChunkExtension, .chunkExtensionTooLong, .missingChunkEnd, .forbiddenTrailer:
            400
        }
    }
}

/// Why a message is not HTTP/1 that every reader reads alike. Each case names the rule it breaks.
package enum HTTP1Violation: Error, Hashable, Sendable, CaseIterable {
    // Lines

    /// A line break before the start line (RFC 9112 section 2.2 lets servers skip one; readers differ on how many).
    case leadingLineBreak
    /// LF without CR (RFC 9112 section 2.2 lets readers take it for a line end; some do not).
    case bareLineFeed
    /// CR without LF (RFC 9112 section 2.2).
    case bareCarriageReturn
    /// NUL or another control byte (RFC 9110 section 5.5).
    case controlByte
    /// The head is longer than ``HTTP1Limits/headBytes`` (RFC 6585 section 5).
    case headTooLarge
    /// More fields than ``HTTP1Limits/fieldCount`` (RFC 6585 section 5).
    case tooManyFields

    // Request line

    /// Not exactly method, space, target, space, version (RFC 9112 section 3).
    case malformedRequestLine
    /// Longer than ``HTTP1Limits/startLineBytes`` (RFC 9112 section 3).
    case startLineTooLong
    /// Not in the IANA HTTP Method Registry (RFC 9110 section 9.1): what a server makes of it is anybody's guess.
    case unknownMethod
    /// CONNECT (RFC 9110 section 9.3.6): the gateway opens no tunnels.
    case connectMethod
    /// A version that is not written `HTTP/` digit `.` digit (RFC 9112 section 2.3).
    case malformedVersion
    /// A version other than 1.0 and 1.1 (RFC 9110 section 15.6.6).
    case unsupportedVersion
    /// Absolute form (RFC 9112 section 3.2.2): a second place for the host.
    case absoluteForm
    /// Authority form without CONNECT, or a target that does not start with a slash (RFC 9112 section 3.2.1).
    case malformedTarget
    /// `*` with another method than OPTIONS (RFC 9112 section 3.2.4).
    case asteriskForm
    /// `#` in the target: fragments are not sent (RFC 9112 section 3.2).
    case fragmentInTarget
    /// A byte that no URI holds: non-ASCII, a control byte, a backslash (RFC 3986 section 2).
    case forbiddenByteInTarget
    /// A broken escape or an escaped control byte in the path (RFC 3986 section 2.1).
    case forbiddenEscapeInPath

    // Status line

    /// Not exactly version, space, three digits, space, reason (RFC 9112 section 4).
    case malformedStatusLine
    /// Below 100 or above 599 (RFC 9110 section 15).
    case unknownStatus
    /// 101 Switching Protocols in answer to a request without Upgrade (RFC 9110 section 15.2.2).
    case unaskedSwitch
    /// More interim responses than an origin has reason for; thrown by whoever counts them.
    case tooManyInterimResponses

    // Fields

    /// A field line without a colon, or an empty name (RFC 9112 section 5).
    case malformedField
    /// A name that is not a token, or white space before the colon (RFC 9112 section 5.1).
    case malformedFieldName
    /// White space before the first field (RFC 9112 section 2.2).
    case whitespaceBeforeFields
    /// A folded line (RFC 9112 section 5.2).
    case foldedField
    /// A name that some readers take for a framing field, such as `Content_Length` (RFC 3875 section 4.1.18).
    case framingLookAlike

    // Host

    /// No `Host` (RFC 9112 section 3.2); asked of HTTP/1.0 as well, since the policy goes by it.
    case missingHost
    /// More than one `Host` line (RFC 9112 section 3.2).
    case repeatedHost
    /// A `Host` that is not a name or address with an optional port (RFC 9112 section 3.2).
    case invalidHost

    // Framing

    /// Both `Content-Length` and `Transfer-Encoding` (RFC 9112 section 6.1).
    case lengthAndTransferEncoding
    /// More than one `Content-Length`, equal or not (RFC 9112 section 6.3).
    case repeatedContentLength
    /// Not one plain decimal number that fits 64 bits (RFC 9110 section 8.6).
    case invalidContentLength
    /// Anything but a single `chunked` (RFC 9112 section 6.1).
    case invalidTransferEncoding
    /// More than one `Transfer-Encoding` line (RFC 9112 section 6.1).
    case repeatedTransferEncoding
    /// `Transfer-Encoding` in HTTP/1.0 (RFC 9112 section 6.1).
    case transferEncodingInHTTP10
    /// Content where the method or the status has none: HEAD, TRACE, 1xx, 204 (RFC 9110 sections 9.3, 15.2, 15.3.5).
    case unexpectedContent

    // Connection

    /// An expectation other than `100-continue`, or more than one (RFC 9110 section 10.1.1).
    case unknownExpectation
    /// More than one `Upgrade` line (RFC 9110 section 7.8).
    case repeatedUpgrade
    /// `Connection` that is not a list of tokens (RFC 9110 section 7.6.1).
    case malformedConnection
    /// `Connection` that names a field meant for the other end, to have it removed (RFC 9110 section 7.6.1).
    case connectionNamesEndToEndField

    // Chunks

    /// Not 1 to 16 hexadecimal digits (RFC 9112 section 7.1).
    case invalidChunkSize
    /// Not `;` token [`=` (token | quoted string)] (RFC 9112 section 7.1.1).
    case invalidChunkExtension
    /// Longer than ``HTTP1Limits/chunkExtensionBytes`` (RFC 9112 section 7.1.1).
    case chunkExtensionTooLong
    /// Chunk data not followed by CRLF (RFC 9112 section 7.1).
    case missingChunkEnd
    /// Trailers longer than ``HTTP1Limits/trailerBytes`` or more than ``HTTP1Limits/trailerFieldCount``.
    case trailersTooLarge
    /// A field that must not come after the content (RFC 9110 section 6.5.1).
    case forbiddenTrailer
}

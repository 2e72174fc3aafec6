/// How the content of a message ends (RFC 9112 section 6.3).
package enum HTTP1Framing: Sendable, Hashable {
    case none
    /// Bytes of content; may be 0.
    case length(UInt64)
    case chunked
    /// Responses only.
    case untilClose
}

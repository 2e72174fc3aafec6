/// What the two ends of a session agreed on.
package struct NegotiatedParameters: Hashable, Sendable {
    /// 0x0303 for TLS 1.2, 0x0304 for TLS 1.3.
    package let version: UInt16
    /// The IANA number of the cipher suite.
    package let cipherSuite: UInt16
    /// The protocol chosen by ALPN; `nil` when there was no choice.
    package let applicationProtocol: String?
    /// Whether an earlier session was resumed, so that no certificate was sent.
    package let isResumed: Bool
}

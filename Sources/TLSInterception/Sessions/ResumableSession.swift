/// A session that a client may resume instead of verifying the server again.
struct ResumableSession: Sendable {
    /// Serialised by OpenSSL: holds keys.
    let bytes: [UInt8]
    /// Until when the verification it stands on counts: the chain's expiry, or ``Limits/resumptionSeconds`` after it was done,
    /// also when the session has been renewed by resumption since.
    let verifiedUntil: UnixTime
    /// TLS 1.3 tickets are used once (RFC 8446 appendix C.4).
    let isSingleUse: Bool
}

/// A session that a client may resume instead of verifying the server again.
struct ResumableSession: Sendable {
    /// Serialised by OpenSSL, without the server's certificate: holds keys.
    let bytes: [UInt8]
    /// Until when the verification it stands on counts: the chain's expiry, or ``Limits/resumptionSeconds`` after it was done,
    /// also when the session has been renewed by resumption since.
    let verifiedUntil: UnixTime
    /// TLS 1.3 tickets are used once (RFC 8446 appendix C.4).
    let isSingleUse: Bool

    /// - Parameter serialized: an `SSL_SESSION` in OpenSSL's DER; `nil` comes of anything else.
    init?(serialized: [UInt8], verifiedUntil: UnixTime, isSingleUse: Bool) {
        guard let bytes = try? Self.withoutCertificate(serialized) else { return nil }
        self.bytes = bytes
        self.verifiedUntil = verifiedUntil
        self.isSingleUse = isSingleUse
    }

    /// Leaves out element [3], the peer's certificate: most of the bytes, slow to parse, and of no use once verified.
    private static func withoutCertificate(_ serialized: [UInt8]) throws(DERError) -> [UInt8] {
        var outer = DERReader(serialized)
        var fields = try outer.enter(DERTag.sequence)
        try outer.expectEnd()
        var kept: [UInt8] = []
        while !fields.isAtEnd {
            let field = try fields.read()
            if field.tag != DERTag.constructedContext(3) { kept += serialized[field.whole] }
        }
        return DERWriter.sequence(kept)
    }
}

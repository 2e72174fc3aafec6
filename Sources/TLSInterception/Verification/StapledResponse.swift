internal import COpenSSL

/// What a stapled OCSP response says about a leaf.
enum StapledResponse: Hashable, Sendable {
    /// Signed by whoever may, current, and the leaf is good.
    case good
    /// Signed by whoever may: the leaf has been revoked.
    case revoked
    /// Malformed, forged, outdated, or about another certificate.
    case unusable

    /// - Parameters:
    ///   - response: OCSPResponse, DER (RFC 6960).
    ///   - leaf: DER of the certificate it should be about.
    ///   - issuer: DER of the certificate above it.
    static func judge(_ response: [UInt8], leaf: [UInt8], issuer: [UInt8], at now: UnixTime) -> StapledResponse {
        guard !response.isEmpty, response.count <= Limits.stapleBytes, let leaf = try? LoadedCertificate(der: leaf),
            let issuer = try? LoadedCertificate(der: issuer)
        else { return .unusable }
        let result = unsafe response.withUnsafeBufferPointer { buffer in
            // SAFETY: all three hold for the call.
            unsafe pctls_check_staple(
                buffer.baseAddress!, buffer.count, leaf.handle, issuer.handle, now.seconds, Limits.stapleClockSkewSeconds)
        }
        switch result {
        case PCTLS_STAPLE_GOOD: return .good
        case PCTLS_STAPLE_REVOKED: return .revoked
        default: return .unusable
        }
    }
}

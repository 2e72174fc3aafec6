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
    ///   - chain: the leaf that it should be about, and its issuer.
    static func judge(_ response: [UInt8], for chain: CertificateStack, at now: UnixTime) -> StapledResponse {
        // SAFETY: both certificates belong to the stack, which lives until the end of this function.
        guard !response.isEmpty, response.count <= Limits.stapleBytes, unsafe pctls_stack_count(chain.handle) >= 2,
            let leaf = unsafe pctls_stack_at(chain.handle, 0), let issuer = unsafe pctls_stack_at(chain.handle, 1)
        else { return .unusable }
        defer { withExtendedLifetime(chain) {} }
        let result = unsafe response.withUnsafeBufferPointer { buffer in
            // SAFETY: all three hold for the call.
            unsafe pctls_check_staple(
                buffer.baseAddress!, buffer.count, leaf, issuer, now.seconds, Limits.stapleClockSkewSeconds)
        }
        switch result {
        case PCTLS_STAPLE_GOOD: return .good
        case PCTLS_STAPLE_REVOKED: return .revoked
        default: return .unusable
        }
    }
}

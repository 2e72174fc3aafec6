internal import COpenSSL

/// A client session's side of its handshake with an upstream: verifies, keeps what came of it, stores tickets.
///
/// OpenSSL calls it through the C hooks, on the thread that drives the session.
@safe final class UpstreamHandshake {
    private let verifier: UpstreamVerifier
    private let key: ResumptionKey
    private let cache: ResumptionCache
    private let now: UnixTime
    /// The verified chain, from the Certificate message until the handshake is complete.
    private var verified: VerifiedChain?
    /// Set by verification, or taken over from the session that is resumed.
    private var verifiedUntil: UnixTime?
    /// Why the handshake was aborted, if it was for its certificates.
    private(set) var refusal: UpstreamRefusal?

    init(verifier: UpstreamVerifier, key: ResumptionKey, cache: ResumptionCache, resuming: ResumableSession?, at now: UnixTime) {
        self.verifier = verifier
        self.key = key
        self.cache = cache
        self.now = now
        verifiedUntil = resuming?.verifiedUntil
    }

    /// - Returns: `X509_V_OK`, or the code whose alert fits the refusal.
    @unsafe private func verify(_ presented: OpaquePointer) -> Int32 {
        do {
            // SAFETY: OpenSSL keeps `presented` alive during the call.
            let chain = try unsafe verifier.verify(presented: presented, identity: key.identity, at: now)
            verified = chain
            verifiedUntil = min(chain.notAfter, now + Limits.resumptionSeconds)
            return X509_V_OK
        } catch {
            refusal = error
            switch error.category {
            case .expired: return X509_V_ERR_CERT_HAS_EXPIRED
            case .revoked: return X509_V_ERR_CERT_REVOKED
            case .untrusted: return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
            case .name, .weak, .protocolVersion: return X509_V_ERR_CERT_REJECTED
            }
        }
    }

    private func judgeStaple(_ staple: [UInt8]) -> Bool {
        guard let verified else { return false }
        do {
            try verifier.judgeStaple(staple.isEmpty ? nil : staple, for: verified, at: now)
            return true
        } catch {
            refusal = error
            return false
        }
    }

    private func keep(_ session: [UInt8], isSingleUse: Bool) {
        guard let verifiedUntil,
            let kept = ResumableSession(serialized: session, verifiedUntil: verifiedUntil, isSingleUse: isSingleUse)
        else { return }
        cache.insert(kept, for: key)
    }

    func handshakeCompleted() {
        verified = nil
    }

    /// The C functions that lead here.
    static var hooks: pctls_client_hooks {
        unsafe pctls_client_hooks(
            verify: { owner, presented in
                guard let owner = unsafe owner else { return X509_V_ERR_UNSPECIFIED }
                // SAFETY: the owner is the UpstreamHandshake of a TLSSession, which is running and so alive.
                return unsafe UpstreamHandshake.from(owner).verify(presented)
            },
            staple: { owner, bytes, count in
                guard let owner = unsafe owner else { return false }
                // SAFETY: as above; `count` bytes hold for the call.
                return unsafe UpstreamHandshake.from(owner).judgeStaple(
                    Array(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count)))
            },
            resumable: { owner, bytes, count, isSingleUse in
                guard let owner = unsafe owner else { return }
                // SAFETY: as above.
                unsafe UpstreamHandshake.from(owner).keep(
                    Array(UnsafeBufferPointer(start: bytes, count: count)), isSingleUse: isSingleUse)
            })
    }

    @unsafe private static func from(_ owner: UnsafeMutableRawPointer) -> UpstreamHandshake {
        // SAFETY: only `TLSSession.init` sets owners, always of this type.
        unsafe Unmanaged<UpstreamHandshake>.fromOpaque(owner).takeUnretainedValue()
    }
}

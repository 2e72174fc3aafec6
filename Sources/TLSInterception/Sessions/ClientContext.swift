internal import COpenSSL
internal import WireFormats

/// The upstream side of the gateway: makes sessions in which we are the client and verify the server.
///
/// TLS 1.2 and 1.3, ECDHE with AEAD only, SNI, ALPN `http/1.1`, `status_request`; never early data, never renegotiation. Sessions
/// are resumed for the same agent, server, port and policy generation only; a context has one verifier, so a change of trust anchors is a new
/// context and starts with nothing to resume. One context serves all event loops.
///
/// Sendable because OpenSSL locks what sessions change in an `SSL_CTX`, and its settings are final after `init`.
@safe package final class ClientContext: @unchecked Sendable {
    /// Owned: freed with this object.
    private let handle: OpaquePointer
    private let cache = ResumptionCache()
    package let verifier: UpstreamVerifier

    package init(verifier: UpstreamVerifier) throws(TLSSetupError) {
        self.verifier = verifier
        guard let handle = unsafe pctls_context_new_client(UpstreamHandshake.hooks) else {
            throw .openSSL("make a client context")
        }
        unsafe self.handle = handle
        // SAFETY: `handle` is ours and alive.
        guard unsafe CipherPreferences.apply(to: handle) else { throw .openSSL("set the client's cipher suites") }
    }

    deinit {
        // SAFETY: owned since `init`; sessions hold references of their own.
        unsafe SSL_CTX_free(handle)
    }

    /// Sessions kept for resumption at the moment.
    package var resumableSessionCount: Int { cache.count }

    /// A session with an upstream; its first ``TLSSession/handshake()`` puts the ClientHello into the output.
    ///
    /// - Parameters:
    ///   - identity: whom the certificate must speak for; a name is also sent as SNI.
    ///   - port: of the connection; sessions are resumed on the same one only.
    ///   - agent: on whose behalf; sessions are resumed for the same one only.
    ///   - policyGeneration: of the policy that allowed the connection; sessions are resumed under the same one only.
    ///   - now: the time for the verification.
    package func session(
        to identity: ServerIdentity, port: UInt16, agent: String, policyGeneration: UInt64, at now: UnixTime
    ) throws(TLSSetupError) -> TLSSession {
        guard let session = unsafe pctls_session_new(handle, false) else { throw .openSSL("make a session") }
        let key = ResumptionKey(agent: agent, identity: identity, port: port, policyGeneration: policyGeneration)
        var resuming = cache.session(for: key, at: now)
        if let kept = resuming {
            let isSet = unsafe kept.bytes.withUnsafeBufferPointer { buffer in
                // SAFETY: the bytes hold for the call and are parsed into memory of OpenSSL's own.
                unsafe pctls_session_resume(session, buffer.baseAddress!, buffer.count)
            }
            if !isSet { resuming = nil }
        }
        let upstream = UpstreamHandshake(verifier: verifier, key: key, cache: cache, resuming: resuming, at: now)
        // SAFETY: just made, nobody else owns it; freed by the TLSSession, also when what follows fails.
        let result = unsafe TLSSession(owning: session, upstream: upstream)
        if case .name(let name) = identity {
            // SAFETY: the string holds for the call and is copied.
            guard unsafe pctls_session_set_server_name(session, name.text) else { throw .openSSL("set the server name") }
        }
        return result
    }
}

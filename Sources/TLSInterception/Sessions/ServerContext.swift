internal import COpenSSL
internal import Synchronization

/// The agents' side of the gateway: makes sessions in which we are the server, each with the leaf that was minted for it.
///
/// TLS 1.2 and 1.3, ECDHE with AEAD only, `http/1.1` when ALPN offers it and no ALPN otherwise. Resumption is by ticket alone, sealed
/// with a key that changes, and only for the same agent and host. One context serves all event loops.
///
/// Sendable because OpenSSL locks what sessions change in an `SSL_CTX`, and its settings are final after `init`.
@safe package final class ServerContext: @unchecked Sendable {
    /// Owned: freed with this object.
    private let handle: OpaquePointer
    /// When the current ticket key was made; `nil` before the first session.
    private let ticketKeyMade = Mutex<UnixTime?>(nil)

    package init() throws(TLSSetupError) {
        guard let handle = unsafe pctls_context_new_server() else { throw .openSSL("make a server context") }
        unsafe self.handle = handle
        // SAFETY: `handle` is ours and alive; the strings hold for the calls.
        guard unsafe CipherPreferences.apply(to: handle) else { throw .openSSL("set the server's cipher suites") }
        unsafe SSL_CTX_set_timeout(handle, Int(Limits.resumptionSeconds))
    }

    deinit {
        // SAFETY: owned since `init`; sessions hold references of their own.
        unsafe SSL_CTX_free(handle)
    }

    /// A session with an agent whose ClientHello has been read, but not answered.
    ///
    /// - Parameters:
    ///   - leaf: the certificate to present.
    ///   - agent: identifies the agent: only it can resume the session.
    ///   - now: decides whether the ticket key is due to change.
    package func session(presenting leaf: MintedLeaf, agent: String, at now: UnixTime) throws(TLSSetupError) -> TLSSession {
        try rotateTicketKey(at: now)
        guard let session = unsafe pctls_session_new(handle, true) else { throw .openSSL("make a session") }
        // SAFETY: just made, nobody else owns it; freed by the TLSSession, also when what follows fails.
        let result = unsafe TLSSession(owning: session, upstream: nil)
        let scope = Digest(of: Array("\(agent)\u{0}\(leaf.identity)".utf8)).bytes
        let isScoped = unsafe scope.withUnsafeBufferPointer { buffer in
            // SAFETY: 32 bytes that hold for the call and are copied.
            unsafe pctls_session_set_resumption_scope(session, buffer.baseAddress!, buffer.count)
        }
        // SAFETY: certificate and key are alive; OpenSSL takes references of its own.
        guard isScoped, unsafe pctls_session_set_certificate(session, leaf.loaded.handle, leaf.key.handle) else {
            throw .openSSL("give a session its certificate")
        }
        return result
    }

    private func rotateTicketKey(at now: UnixTime) throws(TLSSetupError) {
        let isDue = ticketKeyMade.withLock { made in
            guard let last = made else {
                made = now
                return false
            }
            // A clock that was set back starts the key's time again.
            guard now < last || now >= last + Limits.ticketKeySeconds else { return false }
            made = now
            return true
        }
        guard isDue else { return }
        guard unsafe pctls_context_rotate_ticket_key(handle) else { throw .noRandomness }
    }
}

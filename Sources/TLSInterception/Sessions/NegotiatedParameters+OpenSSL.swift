internal import COpenSSL

extension NegotiatedParameters {
    /// What an `SSL` whose handshake is complete agreed on.
    @unsafe init(of ssl: OpaquePointer) {
        // SAFETY: `ssl` is alive; the ALPN bytes are its own and are copied at once.
        version = UInt16(truncatingIfNeeded: unsafe SSL_version(ssl))
        cipherSuite = unsafe SSL_get_current_cipher(ssl).map { unsafe SSL_CIPHER_get_protocol_id($0) } ?? 0
        isResumed = unsafe SSL_session_reused(ssl) == 1
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &start, &count)
        applicationProtocol =
            unsafe count == 0 ? nil : String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }
}

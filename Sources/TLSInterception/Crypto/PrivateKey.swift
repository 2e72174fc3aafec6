internal import COpenSSL

/// A private key that signs, held by OpenSSL.
///
/// Sendable because an `EVP_PKEY` is never changed after it was made here, and its reference count is atomic.
@safe package final class PrivateKey: @unchecked Sendable {
    /// Owned: freed with this object.
    let handle: OpaquePointer

    /// SubjectPublicKeyInfo, DER.
    package let publicKey: [UInt8]

    /// Takes ownership of `handle`.
    private init(owning handle: OpaquePointer) throws(TLSSetupError) {
        unsafe self.handle = handle
        // SAFETY: `handle` is alive; the shim hands out memory that `taking` frees.
        publicKey = unsafe OwnedBytes.taking { out in unsafe pctls_key_write_public(handle, out) }
        guard !publicKey.isEmpty else { throw .openSSL("write a public key") }
    }

    deinit {
        // SAFETY: owned since `init`, used by nobody afterwards.
        unsafe EVP_PKEY_free(handle)
    }

    /// A new key on P-256.
    package static func generate() throws(TLSSetupError) -> PrivateKey {
        guard let handle = unsafe pctls_key_generate_p256() else { throw .openSSL("generate a key") }
        // SAFETY: just made, nobody else owns it.
        return try unsafe PrivateKey(owning: handle)
    }

    /// Reads PKCS#8, SEC 1 or PKCS#1 DER, unencrypted.
    package init(der: [UInt8]) throws(TLSSetupError) {
        let read = unsafe der.withUnsafeBufferPointer { buffer in
            // SAFETY: the bytes hold for the call and are copied by OpenSSL.
            unsafe buffer.baseAddress.flatMap { unsafe pctls_key_read($0, buffer.count) }
        }
        guard let read = unsafe read else { throw .unreadableKey }
        unsafe handle = read
        // SAFETY: `read` is alive; the shim hands out memory that `taking` frees.
        publicKey = unsafe OwnedBytes.taking { out in unsafe pctls_key_write_public(read, out) }
        guard !publicKey.isEmpty else { throw .unreadableKey }
    }

    /// Unencrypted PKCS#8 DER: secret.
    package func pkcs8() throws(TLSSetupError) -> [UInt8] {
        // SAFETY: `handle` is alive as long as `self`.
        let der = unsafe OwnedBytes.taking { out in unsafe pctls_key_write_private(handle, out) }
        guard !der.isEmpty else { throw .openSSL("write a private key") }
        return der
    }

    /// Signs `message`.
    ///
    /// - Parameter digest: OpenSSL's name of the hash, `nil` for keys that bring their own (Ed25519).
    package func sign(_ message: [UInt8], digest: String? = "SHA256") throws(TLSSetupError) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 1024)
        let count = unsafe message.withUnsafeBufferPointer { source in
            unsafe signature.withUnsafeMutableBufferPointer { target in
                func sign(_ name: UnsafePointer<CChar>?) -> Int {
                    // SAFETY: all pointers hold for the call; the shim writes at most the capacity given.
                    unsafe pctls_sign(handle, name, source.baseAddress!, source.count, target.baseAddress!, target.count)
                }
                return digest.map { unsafe $0.withCString(sign) } ?? sign(nil)
            }
        }
        guard count > 0 else { throw .openSSL("sign") }
        return Array(signature.prefix(count))
    }
}

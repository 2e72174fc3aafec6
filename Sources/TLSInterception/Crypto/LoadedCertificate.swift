internal import COpenSSL

/// A certificate parsed by OpenSSL.
///
/// Sendable because it is not changed after it was made, and its reference count and cached extensions are locked by OpenSSL.
@safe final class LoadedCertificate: @unchecked Sendable {
    /// Owned: freed with this object.
    let handle: OpaquePointer

    /// - Throws: ``TLSSetupError/unreadableCertificate``.
    init(der: [UInt8]) throws(TLSSetupError) {
        let read = unsafe der.withUnsafeBufferPointer { buffer in
            // SAFETY: the bytes hold for the call and are copied by OpenSSL.
            unsafe buffer.baseAddress.flatMap { unsafe pctls_certificate_read($0, buffer.count) }
        }
        guard let read = unsafe read else { throw .unreadableCertificate }
        unsafe handle = read
    }

    deinit {
        // SAFETY: owned since `init`, used by nobody afterwards.
        unsafe X509_free(handle)
    }
}

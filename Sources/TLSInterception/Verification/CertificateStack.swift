internal import COpenSSL

/// Certificates parsed by OpenSSL, in order.
///
/// Sendable because neither the stack nor its certificates change after it was made.
@safe final class CertificateStack: @unchecked Sendable {
    /// `STACK_OF(X509)`. Owned: freed with this object.
    let handle: OpaquePointer

    /// - Returns: `nil` when OpenSSL cannot read one of them.
    convenience init?(_ certificates: [[UInt8]]) {
        var loaded: [LoadedCertificate] = []
        for der in certificates {
            guard let certificate = try? LoadedCertificate(der: der) else { return nil }
            loaded.append(certificate)
        }
        self.init(loaded)
    }

    init?(_ certificates: [LoadedCertificate]) {
        guard let handle = unsafe pctls_stack_new() else { return nil }
        unsafe self.handle = handle
        for certificate in certificates {
            // SAFETY: both are alive; the stack takes a reference of its own.
            guard unsafe pctls_stack_append(handle, certificate.handle) else { return nil }
        }
    }

    /// Takes ownership of a `STACK_OF(X509)`.
    @unsafe init(owning handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit {
        // SAFETY: owned since `init`, used by nobody afterwards.
        unsafe pctls_stack_free(handle)
    }

    /// The DER of every certificate.
    var certificates: [[UInt8]] { unsafe Self.certificates(in: handle) }

    /// The DER of every certificate in a `STACK_OF(X509)`; of one that OpenSSL cannot write, nothing.
    @unsafe static func certificates(in stack: OpaquePointer) -> [[UInt8]] {
        // SAFETY: `stack` is alive; indices are below its count.
        (0..<(unsafe pctls_stack_count(stack))).map { index in
            guard let certificate = unsafe pctls_stack_at(stack, index) else { return [] }
            return unsafe OwnedBytes.taking { out in unsafe pctls_certificate_write(certificate, out) }
        }
    }
}

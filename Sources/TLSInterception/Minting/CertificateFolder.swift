internal import COpenSSL

/// Names for certificates in an OpenSSL certificate folder (openssl-rehash(1)).
package enum CertificateFolder {
    /// `HASH.0`, by the hash of the certificate's subject.
    package static func fileName(of certificate: [UInt8]) throws(TLSSetupError) -> String {
        let hash: UInt? = unsafe certificate.withUnsafeBufferPointer { buffer in
            // SAFETY: the bytes hold for the call; the certificate is freed here.
            guard let start = buffer.baseAddress,
                let loaded = unsafe pctls_certificate_read(start, buffer.count)
            else { return nil }
            defer { unsafe X509_free(loaded) }
            return unsafe X509_subject_name_hash(loaded)
        }
        guard let hash else { throw .openSSL("hash a certificate's subject") }
        let digits = String(UInt32(truncatingIfNeeded: hash), radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits + ".0"
    }
}

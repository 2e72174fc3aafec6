internal import COpenSSL

/// A SHA-256 digest of bytes that come one piece after the other.
@safe package struct RunningDigest: ~Copyable {
    private let context: OpaquePointer

    package init() {
        // SAFETY: freed in `deinit`; the algorithm is static.
        guard let made = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex2(made, EVP_sha256(), nil) == 1 else {
            preconditionFailure("OpenSSL has no SHA-256")
        }
        unsafe context = made
    }

    deinit {
        // SAFETY: made in `init`, and nobody else's.
        unsafe EVP_MD_CTX_free(context)
    }

    package mutating func add(_ bytes: [UInt8]) {
        // SAFETY: the buffer outlives the call, and its count is the length given.
        let done = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(done == 1, "OpenSSL does not digest")
    }

    package consuming func finish() -> Digest {
        var digest = [UInt8](repeating: 0, count: 32)
        // SAFETY: SHA-256 writes 32 bytes.
        let done = unsafe EVP_DigestFinal_ex(context, &digest, nil)
        precondition(done == 1, "OpenSSL does not digest")
        return Digest(finished: digest)
    }
}

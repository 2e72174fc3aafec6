internal import COpenSSL

/// What both sides of the gateway speak: ECDHE with AEAD, nothing else (BCP 195, RFC 9325 section 4.2).
enum CipherPreferences {
    /// OpenSSL's names; TLS 1.3 has only suites of this kind. No static RSA, no DHE, no CBC.
    static let suites =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

    static let suites13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

    static let groups = "X25519:P-256:P-384:P-521"

    /// No SHA-1, no SHA-224, no DSA.
    static let signatureAlgorithms =
        "ecdsa_secp256r1_sha256:ed25519:rsa_pss_rsae_sha256:rsa_pss_pss_sha256:RSA+SHA256:ecdsa_secp384r1_sha384:"
        + "rsa_pss_rsae_sha384:rsa_pss_pss_sha384:RSA+SHA384:ecdsa_secp521r1_sha512:rsa_pss_rsae_sha512:rsa_pss_pss_sha512:RSA+SHA512"

    /// - Returns: whether OpenSSL took all of it.
    @unsafe static func apply(to context: OpaquePointer) -> Bool {
        // SAFETY: `context` is alive; the strings hold for the calls and are copied.
        unsafe pctls_context_set_versions(context, TLS1_2_VERSION, TLS1_3_VERSION)
            && SSL_CTX_set_cipher_list(context, suites) == 1
            && SSL_CTX_set_ciphersuites(context, suites13) == 1
            && pctls_context_set_groups(context, groups)
            && pctls_context_set_signature_algorithms(context, signatureAlgorithms)
    }
}

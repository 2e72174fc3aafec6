internal import COpenSSL

/// OpenSSL's path building and verification (RFC 5280 section 6), with its errors as rules of ours.
enum ChainBuilder {
    /// - Parameter presented: `STACK_OF(X509)`, leaf first, borrowed.
    /// - Returns: the chain, leaf first, anchor last.
    @unsafe static func build(
        _ presented: OpaquePointer, anchors: [LoadedCertificate], leaf: Certificate, at now: UnixTime
    ) throws(UpstreamRefusal) -> CertificateStack {
        guard let anchors = CertificateStack(anchors) else { throw UpstreamRefusal(.verificationFailed) }
        // SAFETY: both stacks are alive during the call; the chain in the result is ours to free.
        let result = unsafe pctls_verify_chain(presented, anchors.handle, now.seconds, Int32(Limits.chainCertificates))
        let built = unsafe result.chain.map { unsafe CertificateStack(owning: $0) }
        let error = unsafe result.error
        if error == X509_V_OK, let built { return built }
        let depth = unsafe Int(result.depth)
        let chain = built?.certificates ?? []
        let subject = chain.indices.contains(depth) ? try? Certificate(der: chain[depth]).subject.label : nil
        // A leaf is held to be no valid authority only when it half pretends to be one.
        let rule = error == X509_V_ERR_INVALID_CA && depth == 0 ? .leafMaySignCertificates : rule(for: error)
        throw UpstreamRefusal(rule, subject: subject ?? leaf.subject.label, depth: depth)
    }

    /// `X509_V_ERR_` codes (openssl/x509_vfy.h).
    private static func rule(for error: Int32) -> UpstreamRule {
        switch error {
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED,
            X509_V_ERR_CERT_REJECTED, X509_V_ERR_SUBJECT_ISSUER_MISMATCH, X509_V_ERR_AKID_SKID_MISMATCH,
            X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH:
            .unknownIssuer
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: .selfSigned
        case X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE: .badSignature
        case X509_V_ERR_CERT_HAS_EXPIRED: .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
        case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD,
            X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
            .malformedCertificate
        case X509_V_ERR_CERT_CHAIN_TOO_LONG: .chainTooLong
        case X509_V_ERR_INVALID_CA: .notAnAuthority
        case X509_V_ERR_KEYUSAGE_NO_CERTSIGN, X509_V_ERR_CA_CERT_MISSING_KEY_USAGE: .mayNotSignCertificates
        case X509_V_ERR_PATH_LENGTH_EXCEEDED: .pathTooLong
        case X509_V_ERR_INVALID_PURPOSE: .wrongPurpose
        case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION: .unknownCriticalExtension
        case X509_V_ERR_INVALID_EXTENSION: .malformedExtension
        case X509_V_ERR_PERMITTED_VIOLATION, X509_V_ERR_EXCLUDED_VIOLATION: .nameConstraintViolated
        case X509_V_ERR_SUBTREE_MINMAX, X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX,
            X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
            .malformedNameConstraint
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL: .weakKey
        case X509_V_ERR_CA_MD_TOO_WEAK: .weakSignature
        case X509_V_ERR_EC_KEY_EXPLICIT_PARAMS: .explicitCurve
        case X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA, X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN: .inconsistentAuthority
        case X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA: .leafMaySignCertificates
        case X509_V_ERR_ISSUER_NAME_EMPTY: .emptyIssuer
        case X509_V_ERR_SUBJECT_NAME_EMPTY: .emptySubject
        case X509_V_ERR_CA_BCONS_NOT_CRITICAL, X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL: .extensionMustBeCritical
        case X509_V_ERR_EMPTY_SUBJECT_ALT_NAME: .malformedAlternativeName
        case X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH, X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY: .signatureAlgorithmMismatch
        case X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL, X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL:
            .extensionMustNotBeCritical
        case X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER: .authorityKeyIdentifierMissing
        case X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER: .subjectKeyIdentifierMissing
        case X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3: .notVersion3
        default: .verificationFailed
        }
    }
}

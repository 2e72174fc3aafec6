/// Every rule by which an upstream's certificates are refused. The raw value is stable and goes into logs.
package enum UpstreamRule: String, Error, CaseIterable, Hashable, Sendable {
    // What was presented
    case noCertificate = "no_certificate"
    case chainTooLong = "chain_too_long"
    case chainTooLarge = "chain_too_large"
    case malformedCertificate = "malformed_certificate"
    case blockedCertificate = "blocked_certificate"
    case ownAuthority = "own_authority"
    case nameConstraintsTooComplex = "name_constraints_too_complex"

    // The chain
    case unknownIssuer = "unknown_issuer"
    case selfSigned = "self_signed"
    case badSignature = "bad_signature"
    case verificationFailed = "verification_failed"
    case notAnAuthority = "not_an_authority"
    case mayNotSignCertificates = "may_not_sign_certificates"
    case pathTooLong = "path_too_long"
    case wrongPurpose = "wrong_purpose"
    case nameConstraintViolated = "name_constraint_violated"

    // Time
    case expired = "expired"
    case notYetValid = "not_yet_valid"

    // Form of every certificate
    case notVersion3 = "not_version_3"
    case serialNotPositive = "serial_not_positive"
    case serialTooLong = "serial_too_long"
    case signatureAlgorithmMismatch = "signature_algorithm_mismatch"
    case emptyIssuer = "empty_issuer"
    case emptySubject = "empty_subject"
    case validityNotCanonical = "validity_not_canonical"
    case uniqueIdentifier = "unique_identifier"
    case duplicateExtension = "duplicate_extension"
    case unknownCriticalExtension = "unknown_critical_extension"
    case malformedExtension = "malformed_extension"
    case extensionMustBeCritical = "extension_must_be_critical"
    case extensionMustNotBeCritical = "extension_must_not_be_critical"
    case authorityKeyIdentifierMissing = "authority_key_identifier_missing"
    case authorityKeyIdentifierForm = "authority_key_identifier_form"
    case subjectKeyIdentifierMissing = "subject_key_identifier_missing"
    case basicConstraintsMissing = "basic_constraints_missing"
    case inconsistentAuthority = "inconsistent_authority"
    case malformedNameConstraint = "malformed_name_constraint"

    // The leaf
    case leafIsAnchor = "leaf_is_anchor"
    case leafIsAuthority = "leaf_is_authority"
    case leafMaySignCertificates = "leaf_may_sign_certificates"
    case leafHasNameConstraints = "leaf_has_name_constraints"
    case serverPurposeMissing = "server_purpose_missing"
    case malformedAlternativeName = "malformed_alternative_name"
    case commonNameNotAlternative = "common_name_not_alternative"

    // Strength
    case weakKey = "weak_key"
    case explicitCurve = "explicit_curve"
    case weakSignature = "weak_signature"

    // The name
    case noAlternativeNames = "no_alternative_names"
    case nameMismatch = "name_mismatch"

    // Revocation
    case revoked = "revoked"
    case stapleMissing = "staple_missing"
    case stapleUnusable = "staple_unusable"
}

extension UpstreamRule {
    package var category: UpstreamCategory {
        switch self {
        case .expired, .notYetValid: .expired
        case .weakKey, .explicitCurve, .weakSignature: .weak
        case .noAlternativeNames, .nameMismatch: .name
        case .revoked, .stapleMissing, .stapleUnusable, .blockedCertificate: .revoked
        case .noCertificate, .chainTooLong, .chainTooLarge, .malformedCertificate, .ownAuthority, .nameConstraintsTooComplex,
            .unknownIssuer, .selfSigned, .badSignature, .verificationFailed, .notAnAuthority, .mayNotSignCertificates,
            .pathTooLong, .wrongPurpose, .nameConstraintViolated, .notVersion3, .serialNotPositive, .serialTooLong,
            .signatureAlgorithmMismatch, .emptyIssuer, .emptySubject, .validityNotCanonical, .uniqueIdentifier,
            .duplicateExtension, .unknownCriticalExtension, .malformedExtension, .extensionMustBeCritical,
            .extensionMustNotBeCritical, .authorityKeyIdentifierMissing, .authorityKeyIdentifierForm,
            .subjectKeyIdentifierMissing, .basicConstraintsMissing, .inconsistentAuthority, .malformedNameConstraint,
            .leafIsAnchor, .leafIsAuthority, .leafMaySignCertificates, .leafHasNameConstraints, .serverPurposeMissing,
            .malformedAlternativeName, .commonNameNotAlternative:
            .untrusted
        }
    }
}

/// What is asked of each certificate of a chain after OpenSSL has built and verified it: RFC 5280 for all, the CA/Browser
/// Forum's profile for chains to public roots.
struct CertificateRules: Sendable {
    let origin: TrustAnchors.Origin

    /// Whether the profile of public authorities applies besides RFC 5280.
    var isPublic: Bool { origin == .system }

    /// - Throws: the first rule that the certificate breaks.
    func check(_ certificate: Certificate, at position: CertificatePosition) throws(UpstreamRule) {
        try checkStrength(of: certificate, at: position)
        try checkForm(of: certificate, at: position)
        try checkExtensionList(of: certificate, at: position)
        do {
            switch position {
            case .leaf: try checkLeaf(certificate)
            case .intermediate: try checkIntermediate(certificate)
            case .anchor: try checkAnchor(certificate)
            }
        } catch let rule as UpstreamRule {
            throw rule
        } catch {
            throw .malformedExtension
        }
    }

    // MARK: Every certificate

    private func checkStrength(of certificate: Certificate, at position: CertificatePosition) throws(UpstreamRule) {
        switch certificate.publicKey {
        case .rsa(let bits, let exponentIsUsable):
            guard exponentIsUsable, (2048...Limits.rsaBits).contains(bits), bits % 8 == 0 else { throw .weakKey }
        case .namedCurve(let curve):
            guard [.p256, .p384, .p521].contains(curve) else { throw .weakKey }
        case .explicitCurve: throw .explicitCurve
        case .ed25519: break
        case .other: throw .weakKey
        }
        guard position == .anchor || SignatureAlgorithm.isStrong(certificate.innerAlgorithm) else { throw .weakSignature }
    }

    private func checkForm(of certificate: Certificate, at position: CertificatePosition) throws(UpstreamRule) {
        guard certificate.version == 3 else { throw .notVersion3 }
        guard certificate.innerAlgorithm == certificate.outerAlgorithm else { throw .signatureAlgorithmMismatch }
        guard !certificate.issuer.isEmpty else { throw .emptyIssuer }
        guard position == .leaf || !certificate.subject.isEmpty else { throw .emptySubject }
        // Public roots have serial number 0 and other oddities that mean nothing in an anchor.
        guard position != .anchor else { return }
        guard let first = certificate.serial.first, first & 0x80 == 0, certificate.serial != [0] else { throw .serialNotPositive }
        guard certificate.serial.count <= 20 else { throw .serialTooLong }
        guard certificate.validityIsCanonical else { throw .validityNotCanonical }
        guard !certificate.hasUniqueIdentifiers else { throw .uniqueIdentifier }
    }

    private func checkExtensionList(of certificate: Certificate, at position: CertificatePosition) throws(UpstreamRule) {
        var seen: Set<ObjectIdentifier> = []
        for entry in certificate.extensions {
            guard seen.insert(entry.identifier).inserted else { throw .duplicateExtension }
            guard !entry.isCritical || Self.understood.contains(entry.identifier) else { throw .unknownCriticalExtension }
            if Self.neverCritical.contains(entry.identifier), entry.isCritical { throw .extensionMustNotBeCritical }
            if position != .anchor, Self.alwaysCritical.contains(entry.identifier), !entry.isCritical {
                throw .extensionMustBeCritical
            }
        }
    }

    /// Extensions that are acted upon here or by OpenSSL.
    private static let understood: Set<ObjectIdentifier> = [
        .subjectKeyIdentifier, .keyUsage, .subjectAltName, .issuerAltName, .basicConstraints, .nameConstraints,
        .crlDistributionPoints, .certificatePolicies, .policyMappings, .authorityKeyIdentifier, .policyConstraints,
        .extendedKeyUsage, .inhibitAnyPolicy, .authorityInformationAccess, .tlsFeature,
    ]

    /// RFC 5280 sections 4.2.1.1, 4.2.1.2, 4.2.2.1.
    private static let neverCritical: Set<ObjectIdentifier> = [
        .authorityKeyIdentifier, .subjectKeyIdentifier, .authorityInformationAccess,
    ]

    /// RFC 5280 sections 4.2.1.11 and 4.2.1.14. Name constraints belong here too by section 4.2.1.10, but CA/B BR 7.1.2.5.2 let
    /// them be non-critical; they bind all the same.
    private static let alwaysCritical: Set<ObjectIdentifier> = [.policyConstraints, .inhibitAnyPolicy]
}

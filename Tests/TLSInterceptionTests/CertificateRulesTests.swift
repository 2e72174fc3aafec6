import Testing

@testable import TLSInterception

/// The rules by themselves: in a whole verification OpenSSL speaks first about most of these, and a change of its mind must not open a hole.
@Suite("Certificate rules")
struct CertificateRulesTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let rule: UpstreamRule?
        let position: CertificatePosition
        let origin: TrustAnchors.Origin
        let change: @Sendable (inout TestCertificate) -> Void

        init(
            _ description: String, _ rule: UpstreamRule?, _ position: CertificatePosition, origin: TrustAnchors.Origin = .system,
            change: @escaping @Sendable (inout TestCertificate) -> Void
        ) {
            testDescription = description
            self.rule = rule
            self.position = position
            self.origin = origin
            self.change = change
        }
    }

    static let rows: [Row] = [
        Row("good", nil, .leaf) { _ in },
        Row("good", nil, .intermediate) { _ in },
        Row("good", nil, .anchor) { _ in },
        Row("no basicConstraints", .basicConstraintsMissing, .intermediate) { $0.set(.basicConstraints, nil) },
        Row("no basicConstraints", .basicConstraintsMissing, .anchor) { $0.set(.basicConstraints, nil) },
        Row("no authority", .notAnAuthority, .intermediate) { $0.set(.basicConstraints, DERWriter.sequence()) },
        Row("no authority", .notAnAuthority, .anchor) { $0.set(.basicConstraints, DERWriter.sequence()) },
        Row("basicConstraints not critical", .extensionMustBeCritical, .intermediate) { $0.setCritical(.basicConstraints, false) },
        Row("no keyUsage", .mayNotSignCertificates, .intermediate) { $0.set(.keyUsage, nil) },
        Row("no keyCertSign", .mayNotSignCertificates, .intermediate) { $0.set(.keyUsage, KeyUsage.digitalSignature.bitString) },
        Row("no keyCertSign", .inconsistentAuthority, .anchor) { $0.set(.keyUsage, KeyUsage.digitalSignature.bitString) },
        Row("no keyCertSign", .inconsistentAuthority, .anchor, origin: .operatorAdded) { certificate in
            certificate.set(.keyUsage, KeyUsage.digitalSignature.bitString)
        },
        Row("no subjectKeyIdentifier", .subjectKeyIdentifierMissing, .intermediate) { $0.set(.subjectKeyIdentifier, nil) },
        Row("no authorityKeyIdentifier", .authorityKeyIdentifierMissing, .intermediate) { certificate in
            certificate.set(.authorityKeyIdentifier, nil)
        },
        Row("no authorityKeyIdentifier", .authorityKeyIdentifierMissing, .leaf) { $0.set(.authorityKeyIdentifier, nil) },
        Row("critical authorityKeyIdentifier", .extensionMustNotBeCritical, .leaf) { $0.setCritical(.authorityKeyIdentifier, true) },
        Row("critical subjectKeyIdentifier", .extensionMustNotBeCritical, .anchor) { $0.setCritical(.subjectKeyIdentifier, true) },
        Row("client purpose", .wrongPurpose, .intermediate) { certificate in
            certificate.set(.extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.clientAuth).value)
        },
        Row("client purpose", .wrongPurpose, .anchor, origin: .operatorAdded) { certificate in
            certificate.set(.extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.clientAuth).value)
        },
        Row("any purpose", nil, .intermediate) { certificate in
            certificate.set(.extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.anyExtendedKeyUsage).value)
        },
        Row("any purpose only", .serverPurposeMissing, .leaf) { certificate in
            certificate.set(.extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.anyExtendedKeyUsage).value)
        },
        Row("client purpose only", .serverPurposeMissing, .leaf, origin: .operatorAdded) { certificate in
            certificate.set(.extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.clientAuth).value)
        },
        Row("version 1", .notVersion3, .anchor) { certificate in
            certificate.version = []
            certificate.template.extensions = []
        },
        Row("empty subject", .emptySubject, .intermediate) { $0.template.subject = CertificateTemplate.name() },
        Row("empty subject", .emptySubject, .anchor) { certificate in
            certificate.issuer = certificate.subject
            certificate.template.subject = CertificateTemplate.name()
        },
        Row("empty issuer", .emptyIssuer, .leaf) { $0.issuer = CertificateTemplate.name() },
        Row("empty subject, names not critical", .extensionMustBeCritical, .leaf) { $0.template.subject = CertificateTemplate.name() },
        Row("keyCertSign", .leafMaySignCertificates, .leaf) { $0.set(.keyUsage, KeyUsage.keyCertSign.bitString) },
        Row("an authority", .leafIsAuthority, .leaf) { $0.template.extensions.append(.basicConstraints(isAuthority: true)) },
        Row("a path length", .inconsistentAuthority, .leaf) { $0.set(.basicConstraints, DERWriter.sequence(DERWriter.integer(0))) },
        Row("unknown and critical", .unknownCriticalExtension, .anchor) { $0.set("1.3.6.1.4.1.99999.1", [5, 0], critical: true) },
        Row("names that are no sequence", .malformedAlternativeName, .leaf) { $0.set(.subjectAltName, [5, 0]) },
        Row("keyUsage without bits", .malformedExtension, .leaf) { $0.set(.keyUsage, DERWriter.bitString([])) },
        Row("twice", .duplicateExtension, .leaf) { $0.template.extensions.append($0.template.extensions[0]) },
        Row("two algorithms", .signatureAlgorithmMismatch, .leaf) { certificate in
            certificate.outerAlgorithm = DERWriter.sequence(DERWriter.objectIdentifier(.ecdsaWithSHA384))
        },
        Row("SHA-1", .weakSignature, .leaf) { certificate in
            certificate.algorithm = DERWriter.sequence(DERWriter.objectIdentifier("1.2.840.10045.4.1"))
        },
        Row("SHA-1", nil, .anchor) { certificate in
            certificate.algorithm = DERWriter.sequence(DERWriter.objectIdentifier("1.2.840.10045.4.1"))
        },
        Row("P-192", .weakKey, .anchor) { $0.template.publicKey = TestKeys.p192.publicKey },
        Row("explicit curve", .explicitCurve, .intermediate) { $0.template.publicKey = TestKeys.explicitP256.publicKey },
        Row("RSA of 1024 bits", .weakKey, .leaf, origin: .operatorAdded) { $0.template.publicKey = TestKeys.rsa1024.publicKey },
        Row("RSA with exponent 1", .weakKey, .leaf) { certificate in
            certificate.template.publicKey = DERWriter.sequence(
                DERWriter.sequence(DERWriter.objectIdentifier(.rsaEncryption), DERWriter.element(DERTag.null, [])),
                DERWriter.bitString(
                    DERWriter.sequence(DERWriter.unsignedInteger([UInt8](repeating: 0xa5, count: 256)), DERWriter.integer(1))))
        },
        Row("RSA of 16384 bits", .weakKey, .leaf) { certificate in
            certificate.template.publicKey = DERWriter.sequence(
                DERWriter.sequence(DERWriter.objectIdentifier(.rsaEncryption), DERWriter.element(DERTag.null, [])),
                DERWriter.bitString(
                    DERWriter.sequence(DERWriter.unsignedInteger([UInt8](repeating: 0xa5, count: 2048)), DERWriter.integer(65_537))))
        },
    ]

    @Test(arguments: rows) func judges(row: Row) throws {
        let issuer = TestCertificate.root("Issuer")
        var certificate: TestCertificate
        switch row.position {
        case .leaf: certificate = .leaf()
        case .intermediate: certificate = .intermediate()
        case .anchor: certificate = .root()
        }
        if row.position != .anchor {
            certificate.template.extensions.append(.authorityKeyIdentifier(TestCertificate.keyIdentifier(issuer.key)))
        }
        row.change(&certificate)
        let der =
            row.position == .anchor ? certificate.selfSigned() : certificate.issued(by: issuer, addsAuthorityKeyIdentifier: false)
        let parsed = try Certificate(der: der)
        var broken: UpstreamRule?
        do throws(UpstreamRule) {
            try CertificateRules(origin: row.origin).check(parsed, at: row.position)
        } catch {
            broken = error
        }
        #expect(broken == row.rule)
    }

    /// Every rule has a row somewhere that it alone refuses.
    @Test func everyRuleIsHeldByARow() {
        let chains = ChainCases.all.compactMap(\.rule)
        let staples = StapleTests.rows.compactMap(\.promised)
        let held = Set(chains + staples + Self.rows.compactMap(\.rule))
        // These have tests of their own in VerificationTests and StapleTests; the last is for OpenSSL's unforeseen errors.
        let elsewhere: Set<UpstreamRule> = [
            .noCertificate, .chainTooLong, .chainTooLarge, .blockedCertificate, .ownAuthority, .nameConstraintsTooComplex, .stapleMissing,
            .verificationFailed,
        ]
        #expect(held.union(elsewhere) == Set(UpstreamRule.allCases))
        #expect(held.isDisjoint(with: elsewhere))
    }
}

@testable import TLSInterception

extension ChainCases {
    private static func authorityKeyIdentifier(_ key: [UInt8]?, issuer: Bool = false, serial: Bool = false) -> [UInt8] {
        DERWriter.sequence(
            key.map { DERWriter.element(DERTag.context(0), $0) } ?? [],
            issuer
                ? DERWriter.element(
                    DERTag.constructedContext(1), TestCertificate.directory(TestCertificate.name("Test Root"))) : [],
            serial ? DERWriter.element(DERTag.context(2), [7]) : [])
    }

    /// What is asked of a public root besides being trusted.
    static let anchors: [ChainCase] = [
        ChainCase("no basicConstraints [root-missing-basic-constraints]", .notAnAuthority) { $0.root.set(.basicConstraints, nil) },
        ChainCase("basicConstraints that deny", .notAnAuthority) { $0.root.set(.basicConstraints, DERWriter.sequence()) },
        ChainCase("basicConstraints not critical [root-non-critical-basic-constraints]", .extensionMustBeCritical) { plan in
            plan.root.setCritical(.basicConstraints, false)
        },
        ChainCase("keyUsage without keyCertSign [root-inconsistent-ca-extensions]", .notAnAuthority) { plan in
            plan.root.set(.keyUsage, KeyUsage.digitalSignature.bitString)
        },
        ChainCase("no subjectKeyIdentifier [root-missing-ski]", .subjectKeyIdentifierMissing) { $0.root.set(.subjectKeyIdentifier, nil) },
        ChainCase("its own authorityKeyIdentifier", nil) { plan in
            plan.root.set(.authorityKeyIdentifier, authorityKeyIdentifier(TestCertificate.keyIdentifier(plan.root.key)))
        },
        ChainCase("authorityKeyIdentifier without key [root-with-aki-missing-keyidentifier]", .authorityKeyIdentifierForm) { plan in
            plan.root.set(.authorityKeyIdentifier, authorityKeyIdentifier(nil))
        },
        ChainCase("authorityKeyIdentifier with all fields [root-with-aki-all-fields]", .authorityKeyIdentifierForm) { plan in
            plan.root.template.serial = [7]
            plan.root.set(
                .authorityKeyIdentifier,
                authorityKeyIdentifier(TestCertificate.keyIdentifier(plan.root.key), issuer: true, serial: true))
        },
        ChainCase("authorityKeyIdentifier of another key [root-with-aki-ski-mismatch]", .authorityKeyIdentifierForm) { plan in
            plan.root.set(.authorityKeyIdentifier, authorityKeyIdentifier([1, 2, 3]))
        },
        ChainCase("critical authorityKeyIdentifier", .unknownCriticalExtension) { plan in
            plan.root.set(
                .authorityKeyIdentifier, authorityKeyIdentifier(TestCertificate.keyIdentifier(plan.root.key)), critical: true)
        },
        ChainCase("an anchor that is not self-signed [cross-signed-root-missing-aki]", .authorityKeyIdentifierMissing) { plan in
            plan.root.issuer = TestCertificate.name("Elder Root")
        },
        ChainCase("malformed name constraints", .malformedNameConstraint) { plan in
            plan.root.set(.nameConstraints, DERWriter.sequence(), critical: true)
        },
    ]

    /// The operator's own anchors: RFC 5280 and strength as ever, but not the profile of public authorities.
    static let operatorAnchors: [ChainCase] = [
        ChainCase("a good chain", nil, origin: .operatorAdded) { _ in },
        ChainCase("basicConstraints not critical", nil, origin: .operatorAdded) { $0.root.setCritical(.basicConstraints, false) },
        ChainCase("no subjectKeyIdentifier", nil, origin: .operatorAdded) { plan in
            plan.root.set(.subjectKeyIdentifier, nil)
        },
        ChainCase("authorityKeyIdentifier with all fields", nil, origin: .operatorAdded) { plan in
            plan.root.template.serial = [7]
            plan.root.set(
                .authorityKeyIdentifier,
                authorityKeyIdentifier(TestCertificate.keyIdentifier(plan.root.key), issuer: true, serial: true))
        },
        ChainCase("leaf without extKeyUsage", nil, origin: .operatorAdded) { $0.leaf.set(.extendedKeyUsage, nil) },
        ChainCase("critical extKeyUsage", nil, origin: .operatorAdded) { $0.leaf.setCritical(.extendedKeyUsage, true) },
        ChainCase("common name not among the names", nil, origin: .operatorAdded) { plan in
            plan.leafNames(TestCertificate.dns("www.example.com"), commonName: "not-in-san.example.com")
        },
        ChainCase("an underscore", nil, origin: .operatorAdded) { plan in
            plan.leafNames(TestCertificate.dns("a_b.internal"))
            plan.host("a_b.internal")
        },
        ChainCase("a constraint with a leading dot", nil, origin: .operatorAdded) { plan in
            plan.intermediate.constrain(permitted: TestCertificate.dns(".example.com"))
        },
        ChainCase("wrong name", .nameMismatch, origin: .operatorAdded) { $0.host("other.example") },
        ChainCase("expired root", .expired, origin: .operatorAdded) { $0.root.template.notAfter = TestCertificate.now - 1 },
        ChainCase("weak key", .weakKey, origin: .operatorAdded) { $0.leaf.template.publicKey = TestKeys.rsa1024.publicKey },
        ChainCase("client purpose only", .wrongPurpose, origin: .operatorAdded) { plan in
            plan.leaf.set(.extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.clientAuth).value)
        },
        ChainCase("leaf that is an authority", .leafIsAuthority, origin: .operatorAdded) { plan in
            plan.leaf.template.extensions.append(.basicConstraints(isAuthority: true))
            plan.leaf.set(.keyUsage, KeyUsage([.digitalSignature, .keyCertSign]).bitString)
        },
        ChainCase("a wildcard over a top-level domain", .malformedAlternativeName, origin: .operatorAdded) { plan in
            plan.leafNames(TestCertificate.dns("*.lan"))
            plan.host("a.lan")
        },
    ]
}

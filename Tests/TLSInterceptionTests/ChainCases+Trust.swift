import WireFormats

@testable import TLSInterception

/// The rows of the verification table, by subject. Names in brackets are those of x509-limbo.
enum ChainCases {
    static let all = [
        good, trust, time, names, nameConstraints, form, extensions, purposes, strength, anchors, operatorAnchors,
    ].flatMap { $0 }

    static let good: [ChainCase] = [
        ChainCase("a good chain", nil) { _ in },
        ChainCase("with the root sent", nil) { plan in plan.presented = { leaf, intermediate, root in [leaf, intermediate, root] } },
        ChainCase("with the order mixed up", nil) { plan in plan.presented = { leaf, intermediate, root in [leaf, root, intermediate] } },
        ChainCase("with an unrelated certificate", nil) { plan in
            let stranger = TestCertificate.root("Stranger").selfSigned()
            plan.presented = { leaf, intermediate, _ in [leaf, stranger, intermediate] }
        },
        ChainCase("with unreadable bytes among the rest", .malformedCertificate) { plan in
            plan.presented = { leaf, intermediate, _ in [leaf, intermediate, [0x30, 0x00]] }
        },
        ChainCase("leaf straight from the root", nil) { plan in
            let root = plan.root
            let leaf = plan.leaf
            plan.presented = { _, _, _ in [leaf.issued(by: root)] }
        },
        ChainCase("leaf without keyUsage", nil) { $0.leaf.set(.keyUsage, nil) },
        ChainCase("leaf with basicConstraints that deny", nil) { plan in
            plan.leaf.template.extensions.append(.basicConstraints(isAuthority: false))
        },
        ChainCase("leaf with client and server purpose", nil) { plan in
            plan.leaf.set(.extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.serverAuth, .clientAuth).value)
        },
        ChainCase("leaf without subjectKeyIdentifier", nil) { $0.leaf.set(.subjectKeyIdentifier, nil) },
        ChainCase("leaf with an empty subject and critical names", nil) { plan in
            plan.leaf.template.subject = CertificateTemplate.name()
            plan.leaf.setCritical(.subjectAltName, true)
        },
        ChainCase("unknown extension that is not critical", nil) { $0.leaf.set("1.3.6.1.4.1.99999.1", [5, 0]) },
        ChainCase("intermediate for any purpose and servers", nil) { plan in
            plan.intermediate.set(
                .extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.serverAuth, .anyExtendedKeyUsage).value)
        },
        ChainCase("root with serial number 0", nil) { $0.root.template.serial = [0] },
        ChainCase("root with a SHA-1 signature", nil) { plan in
            plan.root.digest = "SHA1"
            plan.root.algorithm = DERWriter.sequence(DERWriter.objectIdentifier("1.2.840.10045.4.1"))
        },
        ChainCase("root without keyUsage", nil) { $0.root.set(.keyUsage, nil) },
        ChainCase("valid until the year 2969", nil) { plan in
            plan.leaf.template.notAfter = UnixTime(seconds: 31_536_000_000)
            plan.root.template.notAfter = UnixTime(seconds: 31_536_000_000)
        },
    ]

    static let trust: [ChainCase] = [
        ChainCase("unknown root", .unknownIssuer) { $0.trustsRoot = false },
        ChainCase("unknown root, sent along", .unknownIssuer) { plan in
            plan.trustsRoot = false
            plan.presented = { leaf, intermediate, root in [leaf, intermediate, root] }
        },
        ChainCase("another root of the same name and key identifier", .badSignature) { plan in
            var impostor = TestCertificate.root()
            impostor.set(.subjectKeyIdentifier, DERWriter.octetString(TestCertificate.keyIdentifier(plan.root.key)))
            let root = impostor.selfSigned()
            plan.trusted = { _, _, _ in [root] }
        },
        ChainCase("another root of the same name", .unknownIssuer) { plan in
            let impostor = TestCertificate.root()
            plan.trusted = { _, _, _ in [impostor.selfSigned()] }
        },
        ChainCase("intermediate missing", .unknownIssuer) { plan in plan.presented = { leaf, _, _ in [leaf] } },
        ChainCase("intermediate as the only anchor", nil) { plan in plan.trusted = { _, intermediate, _ in [intermediate] } },
        ChainCase("self-signed leaf", .selfSigned) { plan in
            let leaf = plan.leaf
            plan.presented = { _, _, _ in [leaf.selfSigned()] }
        },
        ChainCase("self-signed leaf among the anchors", .leafIsAnchor) { plan in
            let leaf = plan.leaf.selfSigned()
            plan.presented = { _, _, _ in [leaf] }
            plan.trusted = { _, _, _ in [leaf] }
        },
        ChainCase("leaf as the only anchor", .leafIsAnchor) { plan in plan.trusted = { leaf, _, _ in [leaf] } },
        ChainCase("leaf among the anchors beside its root", nil) { plan in plan.trusted = { leaf, _, root in [leaf, root] } },
        ChainCase("expired intermediate as the only anchor", .expired) { plan in
            plan.intermediate.template.notAfter = TestCertificate.now - 1
            plan.trusted = { _, intermediate, _ in [intermediate] }
        },
        ChainCase("leaf with a broken signature", .badSignature) { $0.leaf.breaksSignature = true },
        ChainCase("intermediate with a broken signature", .badSignature) { $0.intermediate.breaksSignature = true },
        ChainCase("bytes after the leaf", .malformedCertificate) { $0.leaf.trailer = [0] },
        ChainCase("intermediate without basicConstraints", .notAnAuthority) { $0.intermediate.set(.basicConstraints, nil) },
        ChainCase("intermediate that is no authority", .notAnAuthority) { plan in
            plan.intermediate.set(.basicConstraints, DERWriter.sequence())
            plan.intermediate.set(.keyUsage, KeyUsage.digitalSignature.bitString)
        },
        ChainCase("intermediate that may not sign [ica-ku-keycertsign]", .notAnAuthority) { plan in
            plan.intermediate.set(.keyUsage, KeyUsage.digitalSignature.bitString)
        },
        ChainCase("intermediate without keyUsage", .mayNotSignCertificates) { $0.intermediate.set(.keyUsage, nil) },
        ChainCase("root with path length 0", .pathTooLong) { plan in
            plan.root.set(.basicConstraints, CertificateTemplate.Extension.basicConstraints(isAuthority: true, pathLength: 0).value)
        },
        ChainCase("root with path length 1", nil) { plan in
            plan.root.set(.basicConstraints, CertificateTemplate.Extension.basicConstraints(isAuthority: true, pathLength: 1).value)
        },
        ChainCase("intermediate with path length 0", nil) { plan in
            plan.intermediate.set(
                .basicConstraints, CertificateTemplate.Extension.basicConstraints(isAuthority: true, pathLength: 0).value)
        },
        ChainCase("intermediate after path length 0", .pathTooLong) { plan in
            plan.intermediate.set(
                .basicConstraints, CertificateTemplate.Extension.basicConstraints(isAuthority: true, pathLength: 0).value)
            let second = TestCertificate.intermediate("Second")
            let (leaf, intermediate) = (plan.leaf, plan.intermediate)
            plan.presented = { _, first, _ in [leaf.issued(by: second), second.issued(by: intermediate), first] }
        },
        ChainCase("self-issued intermediate does not count", nil) { plan in
            plan.intermediate.set(
                .basicConstraints, CertificateTemplate.Extension.basicConstraints(isAuthority: true, pathLength: 0).value)
            let second = TestCertificate.intermediate()
            let (leaf, intermediate) = (plan.leaf, plan.intermediate)
            plan.presented = { _, first, _ in [leaf.issued(by: second), second.issued(by: intermediate), first] }
        },
    ]

    static let time: [ChainCase] = [
        ChainCase("expired leaf", .expired) { $0.leaf.template.notAfter = TestCertificate.now - 1 },
        ChainCase("expired intermediate", .expired) { $0.intermediate.template.notAfter = TestCertificate.now - 1 },
        ChainCase("expired root", .expired) { $0.root.template.notAfter = TestCertificate.now - 1 },
        ChainCase("leaf not yet valid", .notYetValid) { $0.leaf.template.notBefore = TestCertificate.now + 1 },
        ChainCase("intermediate not yet valid", .notYetValid) { $0.intermediate.template.notBefore = TestCertificate.now + 1 },
        ChainCase("root not yet valid", .notYetValid) { $0.root.template.notBefore = TestCertificate.now + 1 },
        ChainCase("GeneralizedTime before 2050", .validityNotCanonical) { plan in
            plan.leaf.validity = DERWriter.sequence(
                DERWriter.generalizedTime(TestCertificate.now - 1), DERWriter.generalizedTime(TestCertificate.now + 1))
        },
        ChainCase("UTCTime without seconds", .malformedCertificate) { plan in
            plan.leaf.validity = DERWriter.sequence(
                DERWriter.element(DERTag.utcTime, Array("2601010000Z".utf8)), DERWriter.time(TestCertificate.now + 1))
        },
        ChainCase("the 30th of February", .malformedCertificate) { plan in
            plan.leaf.validity = DERWriter.sequence(
                DERWriter.element(DERTag.utcTime, Array("260230000000Z".utf8)), DERWriter.time(TestCertificate.now + 1))
        },
    ]
}

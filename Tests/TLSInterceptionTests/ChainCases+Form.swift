@testable import TLSInterception

extension ChainCases {
    private static let sha1WithECDSA = DERWriter.sequence(DERWriter.objectIdentifier("1.2.840.10045.4.1"))

    private static func rsa(_ arc: String) -> [UInt8] {
        DERWriter.sequence(
            DERWriter.objectIdentifier(ObjectIdentifier(stringLiteral: "1.2.840.113549.1.1.\(arc)")), DERWriter.element(DERTag.null, []))
    }

    private static func dsaKey() -> [UInt8] {
        let number = DERWriter.unsignedInteger([UInt8](repeating: 0xa5, count: 256))
        return DERWriter.sequence(
            DERWriter.sequence(DERWriter.objectIdentifier("1.2.840.10040.4.1"), DERWriter.sequence(number, DERWriter.integer(7), number)),
            DERWriter.bitString(number))
    }

    static let form: [ChainCase] = [
        ChainCase("version 1 [v1-cert]", .notVersion3) { plan in
            plan.leaf.version = []
            plan.leaf.template.extensions = []
            plan.identifiesIssuerOfLeaf = false
        },
        ChainCase("version 2 with extensions", .notVersion3) { $0.leaf.version = DERWriter.explicit(0, DERWriter.integer(1)) },
        ChainCase("serial number 0 [serial::zero]", .serialNotPositive) { $0.leaf.template.serial = [0] },
        ChainCase("negative serial number", .serialNotPositive) { $0.leaf.template.serial = [0x80, 1] },
        ChainCase("serial number of 21 octets [serial::too-long]", .serialTooLong) { plan in
            plan.leaf.template.serial = [1] + [UInt8](repeating: 7, count: 20)
        },
        ChainCase("serial number of 20 octets", nil) { $0.leaf.template.serial = [1] + [UInt8](repeating: 7, count: 19) },
        ChainCase("serial number 0 in the intermediate", .serialNotPositive) { $0.intermediate.template.serial = [0] },
        ChainCase("two signature algorithms [mismatching-signature-algorithm]", .signatureAlgorithmMismatch) { plan in
            plan.leaf.outerAlgorithm = DERWriter.sequence(DERWriter.objectIdentifier(.ecdsaWithSHA384))
        },
        ChainCase("empty issuer [ee-empty-issuer]", .emptyIssuer) { plan in
            plan.intermediate.template.subject = CertificateTemplate.name()
        },
        ChainCase("empty subject of the root [ca-empty-subject]", .emptyIssuer) { plan in
            plan.root.template.subject = CertificateTemplate.name()
        },
        ChainCase("a unique identifier", .uniqueIdentifier) { plan in
            plan.leaf.uniqueIdentifiers = DERWriter.element(DERTag.context(1), [0, 1])
        },
        ChainCase("an extension twice [duplicate-extensions]", .duplicateExtension) { plan in
            plan.leaf.template.extensions.append(plan.leaf.template.extensions[2])
        },
        ChainCase("an unknown extension twice", .duplicateExtension) { plan in
            plan.leaf.template.extensions += [.init("1.3.6.1.4.1.99999.1", [5, 0]), .init("1.3.6.1.4.1.99999.1", [5, 0])]
        },
    ]

    static let extensions: [ChainCase] = [
        ChainCase("unknown and critical in the leaf [unknown-critical-extension-ee]", .unknownCriticalExtension) { plan in
            plan.leaf.set("1.3.6.1.4.1.99999.1", [5, 0], critical: true)
        },
        ChainCase("unknown and critical in the intermediate", .unknownCriticalExtension) { plan in
            plan.intermediate.set("1.3.6.1.4.1.99999.1", [5, 0], critical: true)
        },
        ChainCase("unknown and critical in the root", .unknownCriticalExtension) { plan in
            plan.root.set("1.3.6.1.4.1.99999.1", [5, 0], critical: true)
        },
        ChainCase("a precertificate", .unknownCriticalExtension) { $0.leaf.set("1.3.6.1.4.1.11129.2.4.3", [5, 0], critical: true) },
        ChainCase("critical authorityKeyIdentifier [critical-aki]", .unknownCriticalExtension) { plan in
            plan.leaf.set(
                .authorityKeyIdentifier,
                CertificateTemplate.Extension.authorityKeyIdentifier(TestCertificate.keyIdentifier(plan.intermediate.key)).value,
                critical: true)
        },
        ChainCase("no authorityKeyIdentifier in the leaf [leaf-missing-aki]", .authorityKeyIdentifierMissing) { plan in
            plan.identifiesIssuerOfLeaf = false
        },
        ChainCase("no authorityKeyIdentifier in the intermediate [intermediate-missing-aki]", .authorityKeyIdentifierMissing) { plan in
            plan.identifiesIssuerOfIntermediate = false
        },
        ChainCase("authorityKeyIdentifier without a key", .authorityKeyIdentifierMissing) { plan in
            plan.leaf.set(.authorityKeyIdentifier, DERWriter.sequence())
        },
        ChainCase("authorityKeyIdentifier of another key", .unknownIssuer) { plan in
            plan.leaf.set(.authorityKeyIdentifier, CertificateTemplate.Extension.authorityKeyIdentifier([1, 2, 3]).value)
        },
        ChainCase("critical subjectKeyIdentifier [critical-ski]", .unknownCriticalExtension) { plan in
            plan.intermediate.setCritical(.subjectKeyIdentifier, true)
        },
        ChainCase("no subjectKeyIdentifier in the intermediate [intermediate-missing-ski]", .subjectKeyIdentifierMissing) { plan in
            plan.intermediate.set(.subjectKeyIdentifier, nil)
        },
        ChainCase("basicConstraints not critical in the intermediate", .extensionMustBeCritical) { plan in
            plan.intermediate.setCritical(.basicConstraints, false)
        },
        ChainCase("path length in a leaf", .inconsistentAuthority) { plan in
            plan.leaf.set(.basicConstraints, DERWriter.sequence(DERWriter.integer(0)), critical: true)
        },
        ChainCase("malformed basicConstraints in the leaf", .malformedExtension) { plan in
            plan.leaf.set(.basicConstraints, [0x02, 0x01, 0x00], critical: true)
        },
        ChainCase("malformed authorityInfoAccess [malformed-aia]", .malformedExtension) { plan in
            plan.leaf.set(.authorityInformationAccess, Array("malformed".utf8))
        },
        ChainCase("critical authorityInfoAccess", .unknownCriticalExtension) { plan in
            plan.leaf.set(.authorityInformationAccess, informationAccess, critical: true)
        },
        ChainCase("authorityInfoAccess", nil) { $0.leaf.set(.authorityInformationAccess, informationAccess) },
        ChainCase("policyConstraints not critical [ica-noncritical-pc]", .extensionMustBeCritical) { plan in
            plan.intermediate.set(.policyConstraints, DERWriter.sequence(DERWriter.element(DERTag.context(0), [0])))
        },
        ChainCase("malformed keyUsage", .malformedExtension) { $0.leaf.set(.keyUsage, DERWriter.bitString([])) },
    ]

    private static let informationAccess = DERWriter.sequence(
        DERWriter.sequence(
            DERWriter.objectIdentifier("1.3.6.1.5.5.7.48.1"), DERWriter.element(DERTag.context(6), Array("http://ocsp.example".utf8))))

    static let purposes: [ChainCase] = [
        ChainCase("leaf that is an authority [ee-basicconstraints-ca]", .leafIsAuthority) { plan in
            plan.leaf.template.extensions.append(.basicConstraints(isAuthority: true))
            plan.leaf.set(.keyUsage, KeyUsage([.digitalSignature, .keyCertSign]).bitString)
        },
        ChainCase("leaf that may sign certificates [leaf-ku-keycertsign]", .leafMaySignCertificates) { plan in
            plan.leaf.set(.keyUsage, KeyUsage([.digitalSignature, .keyCertSign]).bitString)
        },
        ChainCase("no extKeyUsage [ee-without-eku]", .serverPurposeMissing) { $0.leaf.set(.extendedKeyUsage, nil) },
        ChainCase("client purpose only [ee-wrong-eku]", .wrongPurpose) { plan in
            plan.leaf.set(.extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.clientAuth).value)
        },
        ChainCase("any purpose only [ee-anyeku]", .wrongPurpose) { plan in
            plan.leaf.set(.extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.anyExtendedKeyUsage).value)
        },
        ChainCase("any purpose and servers", .wrongPurpose) { plan in
            plan.leaf.set(
                .extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.serverAuth, .anyExtendedKeyUsage).value)
        },
        ChainCase("critical extKeyUsage [ee-critical-eku]", .extensionMustNotBeCritical) { $0.leaf.setCritical(.extendedKeyUsage, true) },
        ChainCase("empty extKeyUsage", .wrongPurpose) { $0.leaf.set(.extendedKeyUsage, DERWriter.sequence()) },
        ChainCase("intermediate for clients only", .wrongPurpose) { plan in
            plan.intermediate.set(.extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.clientAuth).value)
        },
        ChainCase("root with extKeyUsage [root-has-eku]", .wrongPurpose) { plan in
            plan.root.set(.extendedKeyUsage, CertificateTemplate.Extension.extendedKeyUsage(.serverAuth).value)
        },
    ]

    static let strength: [ChainCase] = [
        ChainCase("RSA of 2048 bits", nil) { $0.leaf.template.publicKey = TestKeys.rsa2048.publicKey },
        ChainCase("RSA of 2056 bits", nil) { $0.leaf.template.publicKey = TestKeys.rsa2056.publicKey },
        ChainCase("P-384", nil) { $0.leaf.template.publicKey = TestKeys.p384.publicKey },
        ChainCase("P-521", nil) { $0.leaf.template.publicKey = TestKeys.p521.publicKey },
        ChainCase("Ed25519", nil) { $0.leaf.template.publicKey = TestKeys.ed25519.publicKey },
        ChainCase("RSA of 1024 bits [forbidden-weak-rsa]", .weakKey) { $0.leaf.template.publicKey = TestKeys.rsa1024.publicKey },
        ChainCase("RSA of 2052 bits [forbidden-rsa-not-divisable-by-8]", .weakKey) { $0.leaf.template.publicKey = TestKeys.rsa2052.publicKey },
        ChainCase("P-192 [forbidden-p192-leaf]", .weakKey) { $0.leaf.template.publicKey = TestKeys.p192.publicKey },
        ChainCase("P-224", .weakKey) { $0.leaf.template.publicKey = TestKeys.p224.publicKey },
        ChainCase("secp256k1", .weakKey) { $0.leaf.template.publicKey = TestKeys.secp256k1.publicKey },
        ChainCase("DSA [forbidden-dsa-leaf]", .weakKey) { $0.leaf.template.publicKey = dsaKey() },
        ChainCase("explicit curve (CVE-2020-0601)", .explicitCurve) { $0.leaf.template.publicKey = TestKeys.explicitP256.publicKey },
        ChainCase("weak key in the intermediate", .weakKey) { plan in
            plan.intermediate = .intermediate(key: TestKeys.rsa1024)
            plan.leaf.algorithm = rsa("11")
        },
        ChainCase("weak key in the root [forbidden-weak-rsa-key-in-root]", .weakKey) { plan in
            plan.root = .root(key: TestKeys.rsa1024)
            plan.root.algorithm = rsa("11")
            plan.intermediate.algorithm = rsa("11")
        },
        ChainCase("P-192 in the root [forbidden-p192-root]", .weakKey) { $0.root = .root(key: TestKeys.p192) },
        ChainCase("RSA of 2052 bits in the root", .weakKey) { plan in
            plan.root = .root(key: TestKeys.rsa2052)
            plan.root.algorithm = rsa("11")
            plan.intermediate.algorithm = rsa("11")
        },
        ChainCase("RSA with SHA-256", nil) { plan in
            plan.intermediate = .intermediate(key: TestKeys.rsa2048)
            plan.leaf.algorithm = rsa("11")
        },
        ChainCase("RSA with SHA-1", .weakSignature) { plan in
            plan.intermediate = .intermediate(key: TestKeys.rsa2048)
            plan.leaf.algorithm = rsa("5")
            plan.leaf.digest = "SHA1"
        },
        ChainCase("RSA with MD5", .weakSignature) { plan in
            plan.intermediate = .intermediate(key: TestKeys.rsa2048)
            plan.leaf.algorithm = rsa("4")
            plan.leaf.digest = "MD5"
        },
        ChainCase("ECDSA with SHA-1", .weakSignature) { plan in
            plan.leaf.algorithm = sha1WithECDSA
            plan.leaf.digest = "SHA1"
        },
        ChainCase("ECDSA with SHA-1 on the intermediate", .weakSignature) { plan in
            plan.intermediate.algorithm = sha1WithECDSA
            plan.intermediate.digest = "SHA1"
        },
        ChainCase("RSA with SHA-224", .weakSignature) { plan in
            plan.intermediate = .intermediate(key: TestKeys.rsa2048)
            plan.leaf.algorithm = rsa("14")
            plan.leaf.digest = "SHA224"
        },
    ]
}

import WireFormats

@testable import TLSInterception

/// A certificate under construction: a good one, until a row of a test's table breaks something.
struct TestCertificate {
    var template: CertificateTemplate
    var key: PrivateKey
    /// DER of the issuer, when it is not the subject of whoever signs.
    var issuer: [UInt8]?
    /// `[0] EXPLICIT INTEGER`; empty for version 1.
    var version = DERWriter.explicit(0, DERWriter.integer(2))
    var algorithm = CertificateTemplate.ecdsaWithSHA256
    /// AlgorithmIdentifier outside of what is signed, when it differs.
    var outerAlgorithm: [UInt8]?
    var digest: String? = "SHA256"
    /// DER of the validity, when it is not what the template gives.
    var validity: [UInt8]?
    /// DER between the key and the extensions.
    var uniqueIdentifiers: [UInt8] = []
    var breaksSignature = false
    /// Bytes after the certificate.
    var trailer: [UInt8] = []

    var subject: [UInt8] { template.subject }

    static let now = UnixTime(seconds: 1_800_000_000)

    static let host: HostName = {
        guard let host = try? HostName("www.example.com") else { fatalError("not a name") }
        return host
    }()

    init(
        subject: [UInt8], key: PrivateKey = TestKeys.p256(), isAuthority: Bool = false,
        extensions: [CertificateTemplate.Extension]
    ) {
        self.key = key
        template = CertificateTemplate(
            serial: Self.serial(), issuer: subject, subject: subject, notBefore: Self.now - 86_400, notAfter: Self.now + 86_400,
            publicKey: key.publicKey, extensions: extensions)
    }

    static func name(_ commonName: String) -> [UInt8] {
        CertificateTemplate.name((.organizationName, "Test"), (.commonName, commonName))
    }

    static func root(_ name: String = "Test Root", key: PrivateKey = TestKeys.p256()) -> TestCertificate {
        TestCertificate(
            subject: self.name(name), key: key,
            extensions: [
                .basicConstraints(isAuthority: true), .keyUsage([.keyCertSign, .cRLSign]),
                .subjectKeyIdentifier(keyIdentifier(key)),
            ])
    }

    static func intermediate(_ name: String = "Test Intermediate", key: PrivateKey = TestKeys.p256()) -> TestCertificate {
        TestCertificate(
            subject: self.name(name), key: key,
            extensions: [
                .basicConstraints(isAuthority: true), .keyUsage([.keyCertSign, .cRLSign]),
                .subjectKeyIdentifier(keyIdentifier(key)),
            ])
    }

    static func leaf(_ identity: ServerIdentity = .name(host), key: PrivateKey = TestKeys.p256()) -> TestCertificate {
        TestCertificate(
            subject: CertificateTemplate.name((.commonName, identity.description)), key: key,
            extensions: [
                .keyUsage(.digitalSignature), .extendedKeyUsage(.serverAuth), .subjectAltName(identity),
                .subjectKeyIdentifier(keyIdentifier(key)),
            ])
    }

    static func keyIdentifier(_ key: PrivateKey) -> [UInt8] {
        guard let identifier = try? CertificateTemplate.keyIdentifier(ofPublicKey: key.publicKey) else { fatalError("no identifier") }
        return identifier
    }

    /// DER, signed by `issuer`; its key identifier is added unless `self` names one already.
    func issued(by issuer: TestCertificate, addsAuthorityKeyIdentifier: Bool = true) -> [UInt8] {
        var copy = self
        copy.template.issuer = self.issuer ?? issuer.subject
        if addsAuthorityKeyIdentifier, !copy.template.extensions.contains(where: { $0.identifier == .authorityKeyIdentifier }) {
            copy.template.extensions.append(.authorityKeyIdentifier(Self.keyIdentifier(issuer.key)))
        }
        return copy.signed(by: issuer.key)
    }

    /// DER, signed by its own key.
    func selfSigned() -> [UInt8] {
        var copy = self
        copy.template.issuer = issuer ?? subject
        return copy.signed(by: key)
    }

    private func signed(by signer: PrivateKey) -> [UInt8] {
        let list = template.extensions.flatMap { entry in
            DERWriter.sequence(
                DERWriter.objectIdentifier(entry.identifier), entry.isCritical ? DERWriter.boolean(true) : [],
                DERWriter.octetString(entry.value))
        }
        let body = DERWriter.sequence(
            version, DERWriter.element(DERTag.integer, template.serial), algorithm, template.issuer,
            validity ?? DERWriter.sequence(DERWriter.time(template.notBefore), DERWriter.time(template.notAfter)),
            template.subject, template.publicKey, uniqueIdentifiers,
            template.extensions.isEmpty ? [] : DERWriter.explicit(3, DERWriter.sequence(list)))
        guard var signature = try? signer.sign(body, digest: digest) else { fatalError("cannot sign") }
        if breaksSignature { signature = (try? signer.sign(body + [0], digest: digest)) ?? signature }
        return DERWriter.sequence(body, outerAlgorithm ?? algorithm, DERWriter.bitString(signature)) + trailer
    }

    private static func serial() -> [UInt8] {
        guard let serial = try? CertificateTemplate.randomSerial() else { fatalError("no randomness") }
        return serial
    }
}

extension TestCertificate {
    /// Replaces, adds or (with `nil`) removes an extension.
    mutating func set(_ identifier: ObjectIdentifier, _ value: [UInt8]?, critical: Bool? = nil) {
        let old = template.extensions.firstIndex { $0.identifier == identifier }
        guard let value else {
            if let old { template.extensions.remove(at: old) }
            return
        }
        if let old {
            template.extensions[old].value = value
            template.extensions[old].isCritical = critical ?? template.extensions[old].isCritical
        } else {
            template.extensions.append(.init(identifier, critical: critical ?? false, value))
        }
    }

    mutating func setCritical(_ identifier: ObjectIdentifier, _ isCritical: Bool) {
        for index in template.extensions.indices where template.extensions[index].identifier == identifier {
            template.extensions[index].isCritical = isCritical
        }
    }

    mutating func setNames(_ names: [UInt8]..., critical: Bool = false) {
        set(.subjectAltName, DERWriter.sequence(Array(names.joined())), critical: critical)
    }

    mutating func constrain(permitted: [UInt8]..., excluded: [[UInt8]] = [], critical: Bool = true) {
        set(.nameConstraints, Self.nameConstraints(permitted: permitted, excluded: excluded), critical: critical)
    }

    static func nameConstraints(permitted: [[UInt8]], excluded: [[UInt8]]) -> [UInt8] {
        func subtrees(_ number: UInt8, _ bases: [[UInt8]]) -> [UInt8] {
            bases.isEmpty ? [] : DERWriter.explicit(number, bases.flatMap { DERWriter.sequence($0) })
        }
        return DERWriter.sequence(subtrees(0, permitted), subtrees(1, excluded))
    }

    static func dns(_ name: String) -> [UInt8] { DERWriter.element(DERTag.context(2), Array(name.utf8)) }

    static func email(_ name: String) -> [UInt8] { DERWriter.element(DERTag.context(1), Array(name.utf8)) }

    static func address(_ bytes: [UInt8]) -> [UInt8] { DERWriter.element(DERTag.context(7), bytes) }

    static func directory(_ name: [UInt8]) -> [UInt8] { DERWriter.element(DERTag.constructedContext(4), name) }
}

internal import WireFormats

/// The parts of an X.509 v3 certificate (RFC 5280 section 4.1) that become DER when an issuer signs them.
package struct CertificateTemplate: Sendable {
    /// One entry of the extensions field.
    package struct Extension: Sendable {
        package var identifier: ObjectIdentifier
        package var isCritical: Bool
        /// DER inside the OCTET STRING.
        package var value: [UInt8]

        package init(_ identifier: ObjectIdentifier, critical: Bool = false, _ value: [UInt8]) {
            self.identifier = identifier
            isCritical = critical
            self.value = value
        }
    }

    /// INTEGER content octets.
    package var serial: [UInt8]
    /// DER of the Name.
    package var issuer: [UInt8]
    package var subject: [UInt8]
    package var notBefore: UnixTime
    package var notAfter: UnixTime
    /// SubjectPublicKeyInfo, DER.
    package var publicKey: [UInt8]
    package var extensions: [Extension]

    package init(
        serial: [UInt8], issuer: [UInt8], subject: [UInt8], notBefore: UnixTime, notAfter: UnixTime, publicKey: [UInt8],
        extensions: [Extension]
    ) {
        self.serial = serial
        self.issuer = issuer
        self.subject = subject
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.publicKey = publicKey
        self.extensions = extensions
    }

    /// AlgorithmIdentifier of ecdsa-with-SHA256, whose parameters are absent (RFC 5758 section 3.2).
    package static let ecdsaWithSHA256 = DERWriter.sequence(DERWriter.objectIdentifier(.ecdsaWithSHA256))

    /// TBSCertificate, DER.
    ///
    /// - Parameter algorithm: AlgorithmIdentifier, DER.
    package func toBeSigned(algorithm: [UInt8]) -> [UInt8] {
        let list = extensions.flatMap { entry in
            DERWriter.sequence(
                DERWriter.objectIdentifier(entry.identifier), entry.isCritical ? DERWriter.boolean(true) : [],
                DERWriter.octetString(entry.value))
        }
        return DERWriter.sequence(
            DERWriter.explicit(0, DERWriter.integer(2)),
            DERWriter.element(DERTag.integer, serial),
            algorithm,
            issuer,
            DERWriter.sequence(DERWriter.time(notBefore), DERWriter.time(notAfter)),
            subject,
            publicKey,
            DERWriter.explicit(3, DERWriter.sequence(list)))
    }

    /// The certificate, signed with a P-256 key.
    package func signed(by key: PrivateKey) throws(TLSSetupError) -> [UInt8] {
        let body = toBeSigned(algorithm: Self.ecdsaWithSHA256)
        return DERWriter.sequence(body, Self.ecdsaWithSHA256, DERWriter.bitString(try key.sign(body)))
    }

    /// A Name of one attribute per relative name, UTF8String.
    package static func name(_ attributes: (ObjectIdentifier, String)...) -> [UInt8] {
        DERWriter.sequence(
            attributes.flatMap { identifier, text in
                DERWriter.set(DERWriter.sequence(DERWriter.objectIdentifier(identifier), DERWriter.utf8String(text)))
            })
    }

    /// The key's identifier: the first 160 bits of the SHA-256 of its bits (RFC 7093 section 2, method 1).
    package static func keyIdentifier(ofPublicKey publicKey: [UInt8]) throws(TLSSetupError) -> [UInt8] {
        do {
            var outer = DERReader(publicKey)
            var info = try outer.enter(DERTag.sequence)
            _ = try info.read(DERTag.sequence)
            let bits = try info.readOctetAlignedBits()
            return Array(Digest(of: Array(publicKey[bits])).bytes.prefix(20))
        } catch {
            throw .openSSL("write a public key")
        }
    }

    /// A positive number of 127 random bits (CA/B BR 7.1: at least 64).
    package static func randomSerial() throws(TLSSetupError) -> [UInt8] {
        var serial = try RandomBytes.make(count: 16)
        // The top bit is the sign, the next keeps the number from starting with a zero octet.
        serial[0] = serial[0] & 0x7f | 0x40
        return serial
    }
}

extension CertificateTemplate.Extension {
    /// - Parameter pathLength: intermediates that may follow, for authorities.
    package static func basicConstraints(isAuthority: Bool, pathLength: Int? = nil) -> Self {
        Self(
            .basicConstraints, critical: true,
            DERWriter.sequence(
                isAuthority ? DERWriter.boolean(true) : [], pathLength.map { DERWriter.integer(UInt64($0)) } ?? []))
    }

    package static func keyUsage(_ usage: KeyUsage) -> Self {
        Self(.keyUsage, critical: true, usage.bitString)
    }

    package static func extendedKeyUsage(_ purposes: ObjectIdentifier...) -> Self {
        Self(.extendedKeyUsage, DERWriter.sequence(purposes.flatMap { DERWriter.objectIdentifier($0) }))
    }

    package static func subjectKeyIdentifier(_ identifier: [UInt8]) -> Self {
        Self(.subjectKeyIdentifier, DERWriter.octetString(identifier))
    }

    package static func authorityKeyIdentifier(_ identifier: [UInt8]) -> Self {
        Self(.authorityKeyIdentifier, DERWriter.sequence(DERWriter.element(DERTag.context(0), identifier)))
    }

    /// The one name a certificate is for; critical when it has no other (RFC 5280 section 4.2.1.6).
    package static func subjectAltName(_ identity: ServerIdentity, critical: Bool = false) -> Self {
        let name =
            switch identity {
            case .name(let host): DERWriter.element(DERTag.context(2), Array(host.text.utf8))
            case .address(let address): DERWriter.element(DERTag.context(7), address.bytes)
            }
        return Self(.subjectAltName, critical: critical, DERWriter.sequence(name))
    }
}

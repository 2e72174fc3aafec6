/// The gateway's own authority: a P-256 key and a self-signed certificate that agents are made to trust.
///
/// It may issue leaves only (path length 0) and is good for TLS servers only. Whoever holds the private key can read what its agents send: it
/// belongs to the keeper, and the caller decides where it is stored and with which mode.
package struct CertificateAuthority: Sendable {
    /// Days for which a new authority is valid, unless the caller says otherwise.
    package static let defaultDays = 365

    /// Seconds before its making from which an authority is valid, for agents whose clock is behind.
    package static let backdatingSeconds: Int64 = 86_400

    /// The certificate, DER.
    package let certificate: [UInt8]
    /// What an agent's trust store needs.
    package var certificatePEM: [UInt8] { PEM.block("CERTIFICATE", certificate) }
    /// The certificate's SHA-256.
    package var fingerprint: Digest { Digest(of: certificate) }
    package let notAfter: UnixTime

    let key: PrivateKey
    /// DER of the Name, which leaves have as their issuer.
    let subject: [UInt8]
    let keyIdentifier: [UInt8]

    /// Makes a new authority.
    ///
    /// - Parameters:
    ///   - label: host name or short identifier that tells authorities apart; 36 bytes of printable ASCII are used.
    ///   - now: the time of its making.
    ///   - days: for which it is valid from `now`.
    package init(label: String, at now: UnixTime, days: Int = CertificateAuthority.defaultDays) throws(TLSSetupError) {
        key = try PrivateKey.generate()
        keyIdentifier = try CertificateTemplate.keyIdentifier(ofPublicKey: key.publicKey)
        // A common name has at most 64 characters (RFC 5280 appendix A.1), 27 of which are ours.
        let printable = String(label.unicodeScalars.filter { (0x21...0x7e).contains($0.value) }.prefix(36).map(Character.init))
        subject = CertificateTemplate.name(
            (.organizationName, "Portcullis"), (.commonName, "Portcullis interception CA \(printable)"))
        notAfter = now + Int64(days) * 86_400
        certificate = try CertificateTemplate(
            serial: CertificateTemplate.randomSerial(), issuer: subject, subject: subject,
            notBefore: now - Self.backdatingSeconds, notAfter: notAfter, publicKey: key.publicKey,
            extensions: [
                .basicConstraints(isAuthority: true, pathLength: 0),
                .keyUsage([.keyCertSign, .cRLSign]),
                .subjectKeyIdentifier(keyIdentifier),
            ]
        ).signed(by: key)
    }

    /// Reads an authority back from its two files.
    ///
    /// - Throws: what cannot be read, ``TLSSetupError/keyMismatch`` or ``TLSSetupError/notAnAuthority``.
    package init(certificatePEM: [UInt8], privateKeyPEM: [UInt8]) throws(TLSSetupError) {
        guard let der = PEM.blocks("CERTIFICATE", in: certificatePEM.span).first, let parsed = try? Certificate(der: der)
        else { throw .unreadableCertificate }
        let blocks = ["PRIVATE KEY", "EC PRIVATE KEY"].flatMap { PEM.blocks($0, in: privateKeyPEM.span) }
        guard let block = blocks.first else { throw .unreadableKey }
        key = try PrivateKey(der: block)
        guard key.publicKey == parsed.publicKeyInfo else { throw .keyMismatch }
        guard let constraints = try? parsed.basicConstraints(), constraints.isAuthority,
            let identifier = try? parsed.subjectKeyIdentifier()
        else { throw .notAnAuthority }
        certificate = der
        subject = parsed.subject.der
        keyIdentifier = identifier
        notAfter = parsed.notAfter
    }

    /// The private key, PKCS#8 in PEM: secret.
    package func privateKeyPEM() throws(TLSSetupError) -> [UInt8] {
        PEM.block("PRIVATE KEY", try key.pkcs8())
    }
}

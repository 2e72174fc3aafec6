/// What a server session presents to an agent: a certificate for one host, and its key.
///
/// Only the leaf is sent: its issuer is the root that the agent trusts already.
package struct MintedLeaf: Sendable {
    package let identity: ServerIdentity
    /// The certificate, DER.
    package let certificate: [UInt8]
    package let notBefore: UnixTime
    package let notAfter: UnixTime
    let key: PrivateKey
    let loaded: LoadedCertificate

    /// - Throws: ``TLSSetupError/unreadableCertificate`` or ``TLSSetupError/keyMismatch``.
    package init(identity: ServerIdentity, certificate: [UInt8], key: PrivateKey) throws(TLSSetupError) {
        guard let parsed = try? Certificate(der: certificate) else { throw .unreadableCertificate }
        guard parsed.publicKeyInfo == key.publicKey else { throw .keyMismatch }
        self.identity = identity
        self.certificate = certificate
        self.key = key
        notBefore = parsed.notBefore
        notAfter = parsed.notAfter
        loaded = try LoadedCertificate(der: certificate)
    }
}

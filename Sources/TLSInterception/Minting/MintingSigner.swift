internal import Synchronization

/// Mints leaves in this process: one P-256 key for all of them, a certificate per host, kept until shortly before it expires.
package final class MintingSigner: LeafSigner {
    /// Seconds before its making from which a leaf is valid: an agent's clock may be behind ours by as much.
    package static let backdatingSeconds: Int64 = 3_600
    /// Seconds for which a leaf is valid from its making.
    package static let validitySeconds: Int64 = 24 * 3_600
    /// Seconds before its end from which a leaf is minted anew: an agent's clock may be ahead of ours by as much.
    package static let renewalSeconds: Int64 = 3_600

    private let authority: CertificateAuthority
    private let key: PrivateKey
    private let keyIdentifier: [UInt8]
    private let leaves: Mutex<BoundedCache<ServerIdentity, MintedLeaf>>

    /// - Parameter capacity: leaves kept.
    package init(authority: CertificateAuthority, capacity: Int = Limits.mintedLeaves) throws(TLSSetupError) {
        self.authority = authority
        key = try PrivateKey.generate()
        keyIdentifier = try CertificateTemplate.keyIdentifier(ofPublicKey: key.publicKey)
        leaves = Mutex(BoundedCache(capacity: capacity))
    }

    /// Leaves kept at the moment.
    package var keptLeaves: Int { leaves.withLock { $0.count } }

    package func leaf(for identity: ServerIdentity, at now: UnixTime) throws(TLSSetupError) -> MintedLeaf {
        if let kept = leaves.withLock({ $0.value(for: identity) }),
            kept.notBefore <= now, now < kept.notAfter - Self.renewalSeconds
        {
            return kept
        }
        // Two sessions may mint for the same host at once; both leaves are good, and the later one is kept.
        let fresh = try mint(identity, at: now)
        leaves.withLock { $0.insert(fresh, for: identity) }
        return fresh
    }

    private func mint(_ identity: ServerIdentity, at now: UnixTime) throws(TLSSetupError) -> MintedLeaf {
        let text = identity.description
        let hasCommonName = text.utf8.count <= 64
        let template = CertificateTemplate(
            serial: try CertificateTemplate.randomSerial(), issuer: authority.subject,
            subject: hasCommonName ? CertificateTemplate.name((.commonName, text)) : CertificateTemplate.name(),
            notBefore: now - Self.backdatingSeconds, notAfter: min(now + Self.validitySeconds, authority.notAfter),
            publicKey: key.publicKey,
            extensions: [
                .keyUsage(.digitalSignature),
                .extendedKeyUsage(.serverAuth),
                .subjectAltName(identity, critical: !hasCommonName),
                .subjectKeyIdentifier(keyIdentifier),
                .authorityKeyIdentifier(authority.keyIdentifier),
            ])
        return try MintedLeaf(identity: identity, certificate: template.signed(by: authority.key), key: key)
    }
}

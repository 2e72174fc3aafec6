internal import COpenSSL

/// Decides whether an upstream is who the agent asked for: OpenSSL builds the chain and checks signatures, time, purpose, path lengths and
/// name constraints; then every certificate of the chain has to pass ``CertificateRules``, and the leaf to speak for the name.
///
/// Every error means refused; nothing is a warning. The verifier never changes, and all event loops share it.
package final class UpstreamVerifier: Sendable {
    /// The gateway's own authority, by which a connection that leads back to the gateway is noticed.
    package struct OwnAuthority: Hashable, Sendable {
        let publicKeyDigest: Digest
        let keyIdentifier: [UInt8]

        /// - Parameter certificate: the authority's, DER; the key stays with the keeper.
        package init(certificate: [UInt8]) throws(TLSSetupError) {
            guard let parsed = try? Certificate(der: certificate), let identifier = try? parsed.subjectKeyIdentifier() else {
                throw .unreadableCertificate
            }
            publicKeyDigest = Digest(of: parsed.publicKeyInfo)
            keyIdentifier = identifier
        }
    }

    private let anchors: TrustAnchors
    private let ownAuthorities: Set<OwnAuthority>
    private let blocked: Set<Digest>

    /// - Parameters:
    ///   - anchors: what chains may end in.
    ///   - ownAuthorities: this gateway's, the current one and those before it.
    ///   - blocked: SHA-256 of certificates that are never accepted.
    package init(
        anchors: TrustAnchors, ownAuthorities: Set<OwnAuthority> = [], blocked: Set<Digest> = BlockedCertificates.fingerprints
    ) {
        self.anchors = anchors
        self.ownAuthorities = ownAuthorities
        self.blocked = blocked
    }

    /// Verifies a chain as a server presents it.
    ///
    /// - Parameters:
    ///   - chain: DER, leaf first, then intermediates in any order; the anchor need not be there.
    ///   - identity: whom the leaf must speak for.
    ///   - now: the time for all validities.
    ///   - staple: the stapled OCSP response, DER.
    package func verify(
        chain: [[UInt8]], identity: ServerIdentity, at now: UnixTime, staple: [UInt8]? = nil
    ) throws(UpstreamRefusal) -> VerifiedChain {
        try checkSize(of: chain)
        guard let stack = CertificateStack(chain) else { throw UpstreamRefusal(.malformedCertificate) }
        let verified = try unsafe verify(chain, loaded: stack.handle, identity: identity, at: now)
        try judgeStaple(staple, for: verified, at: now)
        return verified
    }

    /// Verifies what OpenSSL has parsed already; the staple is judged later, since TLS 1.2 sends it later.
    ///
    /// - Parameter presented: `STACK_OF(X509)`, leaf first, borrowed.
    @unsafe func verify(
        presented: OpaquePointer, identity: ServerIdentity, at now: UnixTime
    ) throws(UpstreamRefusal) -> VerifiedChain {
        // SAFETY: `presented` is alive during the call.
        let chain = unsafe CertificateStack.certificates(in: presented)
        try checkSize(of: chain)
        return try unsafe verify(chain, loaded: presented, identity: identity, at: now)
    }

    /// Judges the stapled response of a verified chain (RFC 6066 section 8, RFC 7633).
    ///
    /// A revocation refuses always. A response that is missing or of no use refuses only where the leaf promises one.
    package func judgeStaple(_ staple: [UInt8]?, for chain: VerifiedChain, at now: UnixTime) throws(UpstreamRefusal) {
        let leaf = chain.certificates[0]
        guard let staple, !staple.isEmpty else {
            if chain.promisesStaple { throw UpstreamRefusal(.stapleMissing, subject: leaf.subject.label, depth: 0) }
            return
        }
        switch StapledResponse.judge(staple, for: chain.loaded, at: now) {
        case .good: return
        case .revoked: throw UpstreamRefusal(.revoked, subject: leaf.subject.label, depth: 0)
        case .unusable:
            if chain.promisesStaple { throw UpstreamRefusal(.stapleUnusable, subject: leaf.subject.label, depth: 0) }
        }
    }

    private func checkSize(of chain: [[UInt8]]) throws(UpstreamRefusal) {
        guard !chain.isEmpty else { throw UpstreamRefusal(.noCertificate) }
        guard chain.count <= Limits.chainCertificates else { throw UpstreamRefusal(.chainTooLong) }
        guard chain.reduce(0, { $0 + $1.count }) <= Limits.chainBytes else { throw UpstreamRefusal(.chainTooLarge) }
    }

    @unsafe private func verify(
        _ chain: [[UInt8]], loaded: OpaquePointer, identity: ServerIdentity, at now: UnixTime
    ) throws(UpstreamRefusal) -> VerifiedChain {
        guard let leaf = try? Certificate(der: chain[0]) else { throw UpstreamRefusal(.malformedCertificate, depth: 0) }
        // Servers send certificates that no chain needs; what cannot be read among them is left out here, and refused if
        // OpenSSL's chain contains it after all.
        let presented = [leaf] + chain.dropFirst().compactMap { try? Certificate(der: $0) }
        for certificate in presented {
            try refuseBlocked(certificate)
        }
        if let identifier = try? leaf.authorityKeyIdentifier()?.keyIdentifier,
            ownAuthorities.contains(where: { $0.keyIdentifier == identifier })
        {
            throw UpstreamRefusal(.ownAuthority, subject: leaf.subject.label, depth: 0)
        }
        let candidates = anchors.candidates(for: presented)
        try checkNameConstraintCost(presented)
        // SAFETY: `loaded` is alive during the call.
        let built: CertificateStack
        do throws(UpstreamRefusal) {
            built = try unsafe ChainBuilder.build(loaded, anchors: candidates, leaf: leaf, at: now)
        } catch {
            throw error.rule == .unknownIssuer ? Self.explainUnknownIssuer(error, presented) : error
        }
        return try judge(built, identity: identity)
    }

    private func refuseBlocked(_ certificate: Certificate) throws(UpstreamRefusal) {
        guard !blocked.contains(Digest(of: certificate.der)) else {
            throw UpstreamRefusal(.blockedCertificate, subject: certificate.subject.label)
        }
        guard !ownAuthorities.contains(where: { $0.publicKeyDigest == Digest(of: certificate.publicKeyInfo) }) else {
            throw UpstreamRefusal(.ownAuthority, subject: certificate.subject.label)
        }
    }

    /// Bounds the work that names times constraints make (x509-limbo's `pathological::nc-dos`).
    private func checkNameConstraintCost(_ presented: [Certificate]) throws(UpstreamRefusal) {
        var names = 0
        var constraints = 0
        for certificate in presented {
            names += (try? certificate.subjectAltNames()?.count) ?? 0
            let found = try? certificate.nameConstraints()
            constraints += (found?.permitted.count ?? 0) + (found?.excluded.count ?? 0)
        }
        guard names * constraints <= Limits.nameConstraintComparisons else { throw UpstreamRefusal(.nameConstraintsTooComplex) }
    }

    /// OpenSSL builds no path over a certificate whose extensions it cannot read; say so rather than "unknown issuer".
    private static func explainUnknownIssuer(_ refusal: UpstreamRefusal, _ presented: [Certificate]) -> UpstreamRefusal {
        for (depth, certificate) in presented.enumerated() {
            guard let rule = certificate.unreadableExtension else { continue }
            return UpstreamRefusal(rule, subject: certificate.subject.label, depth: depth)
        }
        return refusal
    }

    private func judge(_ built: CertificateStack, identity: ServerIdentity) throws(UpstreamRefusal) -> VerifiedChain {
        var certificates: [Certificate] = []
        for (depth, der) in built.certificates.enumerated() {
            guard let certificate = try? Certificate(der: der) else { throw UpstreamRefusal(.malformedCertificate, depth: depth) }
            certificates.append(certificate)
        }
        guard let leaf = certificates.first, let anchor = certificates.last else { throw UpstreamRefusal(.verificationFailed) }
        // A chain of one, or one that does not end in an anchor, is OpenSSL's way to trust the leaf for its own sake.
        guard certificates.count >= 2, let origin = anchors.origin(of: anchor.der, subject: anchor.subject) else {
            throw UpstreamRefusal(.leafIsAnchor, subject: leaf.subject.label, depth: 0)
        }
        try refuseBlocked(anchor)
        let rules = CertificateRules(origin: origin)
        for (depth, certificate) in certificates.enumerated() {
            do throws(UpstreamRule) {
                try rules.check(certificate, at: CertificatePosition(index: depth, of: certificates.count))
            } catch {
                throw UpstreamRefusal(error, subject: certificate.subject.label, depth: depth)
            }
        }
        guard rules.speaks(leaf, for: identity) else {
            throw UpstreamRefusal(.nameMismatch, subject: leaf.subject.label, depth: 0)
        }
        return VerifiedChain(
            certificates: certificates, loaded: built, origin: origin, promisesStaple: (try? leaf.mustStaple()) ?? true)
    }
}

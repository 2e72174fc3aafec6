/// A chain that passed every rule, leaf first, anchor last. Only ``UpstreamVerifier`` makes one.
package struct VerifiedChain: Sendable {
    package let certificates: [Certificate]
    /// What the anchor's origin asked of the chain.
    package let origin: TrustAnchors.Origin
    /// Whether the leaf promises a stapled OCSP response (RFC 7633).
    package let promisesStaple: Bool

    /// The same certificates, parsed by OpenSSL.
    let loaded: CertificateStack

    /// - Parameter certificates: at least two.
    init(certificates: [Certificate], loaded: CertificateStack, origin: TrustAnchors.Origin, promisesStaple: Bool) {
        self.certificates = certificates
        self.loaded = loaded
        self.origin = origin
        self.promisesStaple = promisesStaple
    }

    /// When the first of its certificates expires.
    package var notAfter: UnixTime { certificates.map(\.notAfter).min() ?? UnixTime(seconds: 0) }
}

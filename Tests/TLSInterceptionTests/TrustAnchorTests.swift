import Testing

@testable import TLSInterception

@Suite("Trust anchors")
struct TrustAnchorTests {
    /// Every root of the distribution is one that a chain may end in: a rule that broke one would break its whole clientele.
    @Test func everySystemRootIsUsable() throws {
        let bundle = try SystemTrust.bundle()
        let anchors = TrustAnchors(system: [bundle])
        #expect(anchors.count == PEM.blocks("CERTIFICATE", in: bundle.span).count)
        let rules = CertificateRules(origin: .system)
        for der in anchors.certificates {
            let certificate = try Certificate(der: der)
            #expect(throws: Never.self, "\(certificate.subject.label)") { try rules.check(certificate, at: .anchor) }
            #expect(anchors.origin(of: der, subject: certificate.subject) == .system)
            #expect(!BlockedCertificates.fingerprints.contains(Digest(of: der)))
            #expect(throws: Never.self) { try LoadedCertificate(der: der) }
        }
    }

    /// The list of exceptions holds only roots that need one.
    @Test func everyExceptionIsNeeded() throws {
        let anchors = TrustAnchors(system: [try SystemTrust.bundle()])
        for der in anchors.certificates where LegacyRoots.fingerprints.contains(Digest(of: der)) {
            let certificate = try Certificate(der: der)
            let identifier = try certificate.authorityKeyIdentifier()
            let isOdd =
                certificate.first(.basicConstraints)?.isCritical != true || identifier?.namesIssuerCertificate == true
                || certificate.first(.subjectKeyIdentifier) == nil
            #expect(isOdd, "\(certificate.subject.label)")
        }
    }

    @Test func operatorsWordCountsForAnchorsInBoth() throws {
        let root = TestCertificate.root().selfSigned()
        let pem = PEM.block("CERTIFICATE", root)
        let anchors = TrustAnchors(system: [pem, pem], operatorAdded: [pem])
        #expect(anchors.count == 1)
        #expect(anchors.origin(of: root, subject: try Certificate(der: root).subject) == .operatorAdded)
    }

    @Test func refusesFilesWithoutCertificates() {
        #expect(throws: TLSSetupError.unreadableAnchors(path: "/dev/null")) { try SystemTrust.read("/dev/null") }
        #expect(throws: TLSSetupError.unreadableAnchors(path: "/nonexistent")) { try SystemTrust.read("/nonexistent") }
    }
}

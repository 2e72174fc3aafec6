import Testing
import WireFormats

@testable import TLSInterception

@Suite("Minting")
struct MintingTests {
    let now = TestCertificate.now

    private func name(_ text: String) throws -> ServerIdentity { .name(try HostName(text)) }

    @Test func makesAnAuthorityThatIssuesLeavesOnly() throws {
        let authority = try CertificateAuthority(label: "build-host\u{0}\n\"<evil>", at: now)
        let parsed = try Certificate(der: authority.certificate)
        #expect(parsed.subject.label.description == "Portcullis interception CA build-host?<evil>")
        #expect(parsed.isSelfIssued)
        #expect(try parsed.basicConstraints() == .init(isAuthority: true, pathLength: 0))
        #expect(try parsed.keyUsage() == [.keyCertSign, .cRLSign])
        #expect(parsed.first(.basicConstraints)?.isCritical == true)
        #expect(parsed.first(.keyUsage)?.isCritical == true)
        #expect(parsed.notBefore == now - 86_400)
        #expect(parsed.notAfter == now + 365 * 86_400)
        #expect(parsed.serial.count == 16)
    }

    @Test func readsAnAuthorityBack() throws {
        let authority = try CertificateAuthority(label: "a", at: now)
        let again = try CertificateAuthority(
            certificatePEM: authority.certificatePEM, privateKeyPEM: authority.privateKeyPEM())
        #expect(again.certificate == authority.certificate)
        #expect(again.fingerprint == authority.fingerprint)
        #expect(try again.privateKeyPEM() == authority.privateKeyPEM())
        let other = try CertificateAuthority(label: "b", at: now)
        #expect(throws: TLSSetupError.keyMismatch) {
            try CertificateAuthority(certificatePEM: authority.certificatePEM, privateKeyPEM: other.privateKeyPEM())
        }
        #expect(throws: TLSSetupError.unreadableKey) {
            try CertificateAuthority(certificatePEM: authority.certificatePEM, privateKeyPEM: authority.certificatePEM)
        }
        #expect(throws: TLSSetupError.unreadableCertificate) {
            try CertificateAuthority(certificatePEM: other.privateKeyPEM(), privateKeyPEM: other.privateKeyPEM())
        }
        let leaf = try MintingSigner(authority: authority).leaf(for: name("a.example"), at: now)
        #expect(throws: TLSSetupError.notAnAuthority) {
            try CertificateAuthority(
                certificatePEM: PEM.block("CERTIFICATE", leaf.certificate),
                privateKeyPEM: PEM.block("PRIVATE KEY", leaf.key.pkcs8()))
        }
    }

    @Test(arguments: [
        "github.com", "xn--bcher-kva.example", "a_b.internal", "192.0.2.7", "2001:db8::1",
        String(repeating: "a", count: 60) + "." + String(repeating: "b", count: 60) + ".example",
    ])
    func mintsLeavesThatAgentsAccept(text: String) throws {
        let authority = try CertificateAuthority(label: "a", at: now)
        let identity = try IPAddress(text).map { ServerIdentity.address($0) } ?? name(text)
        let leaf = try MintingSigner(authority: authority).leaf(for: identity, at: now)
        // The strictest verifier at hand, told that the authority is its operator's.
        let verifier = UpstreamVerifier(anchors: TrustAnchors(system: [], operatorAdded: [authority.certificatePEM]))
        let chain = try verifier.verify(chain: [leaf.certificate], identity: identity, at: now)
        #expect(chain.certificates.count == 2)
        #expect(throws: UpstreamRefusal.self) {
            try verifier.verify(chain: [leaf.certificate], identity: name("other.example"), at: now)
        }
        let parsed = try Certificate(der: leaf.certificate)
        #expect(parsed.subject.commonNames == (text.utf8.count <= 64 ? [Array(text.utf8)] : []))
        #expect(parsed.notBefore == now - 3600)
        #expect(parsed.notAfter == now + 86_400)
        #expect(try parsed.subjectAltNames()?.count == 1)
    }

    @Test func keepsLeavesUntilShortlyBeforeTheyExpire() throws {
        let signer = try MintingSigner(authority: CertificateAuthority(label: "a", at: now), capacity: 2)
        let host = try name("a.example")
        let first = try signer.leaf(for: host, at: now)
        #expect(try signer.leaf(for: host, at: now + 23 * 3600 - 1).certificate == first.certificate)
        let second = try signer.leaf(for: host, at: now + 23 * 3600)
        #expect(second.certificate != first.certificate)
        #expect(second.notAfter == now + 47 * 3600)
        // A clock set back past its start makes a new one as well.
        #expect(try signer.leaf(for: host, at: now).notBefore == now - 3600)
        #expect(signer.keptLeaves == 1)
        for text in ["b.example", "c.example", "d.example"] { _ = try signer.leaf(for: name(text), at: now) }
        #expect(signer.keptLeaves == 2)
    }

    @Test func leavesDoNotOutliveTheirAuthority() throws {
        let authority = try CertificateAuthority(label: "a", at: now, days: 1)
        let leaf = try MintingSigner(authority: authority).leaf(for: name("a.example"), at: now + 43_200)
        #expect(leaf.notAfter == authority.notAfter)
    }
}

import COpenSSL
import Testing
import WireFormats

@testable import TLSInterception

@Suite("Handshakes with upstreams")
struct HandshakeTests {
    let world = TestWorld()

    private func connect(
        _ server: TestWorld.ForeignServer = .init(), leaf: TestCertificate = .leaf(), intermediate: [UInt8]? = nil,
        issuer: TestCertificate? = nil
    ) throws -> (client: HandshakeProgress, server: HandshakeProgress) {
        let minted = try MintedLeaf(
            identity: TestWorld.identity, certificate: leaf.issued(by: issuer ?? world.root), key: leaf.key)
        let client = try world.client(ClientContext(verifier: world.verifier))
        return Pair(client: client, server: server.session(minted, intermediate: intermediate)).handshake()
    }

    private func expectRefusal(
        _ progress: (client: HandshakeProgress, server: HandshakeProgress), _ rule: UpstreamRule, alert: UInt8,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard case .failed(.upstreamRefused(let refusal)) = progress.client else {
            Issue.record("\(progress.client)", sourceLocation: sourceLocation)
            return
        }
        #expect(refusal.rule == rule, sourceLocation: sourceLocation)
        #expect(progress.server == .failed(.peerAlert(alert)), sourceLocation: sourceLocation)
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION]) func verifiesBeforeAnythingElse(version: Int32) throws {
        let server = TestWorld.ForeignServer(min: version, max: version)
        let good = try connect(server)
        guard case .complete(let parameters) = good.client else {
            Issue.record("\(good.client)")
            return
        }
        #expect(Int32(parameters.version) == version)

        expectRefusal(try connect(server, issuer: .root("Stranger")), .unknownIssuer, alert: 48)

        let other = TestCertificate.leaf(.name(try HostName("other.example")))
        expectRefusal(try connect(server, leaf: other), .nameMismatch, alert: 42)

        var expired = TestCertificate.leaf()
        expired.template.notAfter = TestCertificate.now - 1
        expectRefusal(try connect(server, leaf: expired), .expired, alert: 45)

        var promising = TestCertificate.leaf()
        promising.set(.tlsFeature, DERWriter.sequence(DERWriter.integer(5)))
        expectRefusal(try connect(server, leaf: promising), .stapleMissing, alert: 113)
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION]) func judgesStaples(version: Int32) throws {
        var leaf = TestCertificate.leaf()
        leaf.set(.tlsFeature, DERWriter.sequence(DERWriter.integer(5)))
        let good = TestWorld.ForeignServer(min: version, max: version)
        good.staple(try TestStaple().response(about: leaf, issuedBy: world.root))
        guard case .complete = try connect(good, leaf: leaf).client else {
            Issue.record("refused")
            return
        }
        var staple = TestStaple()
        staple.status = .revoked
        let revoked = TestWorld.ForeignServer(min: version, max: version)
        let plain = TestCertificate.leaf()
        revoked.staple(try staple.response(about: plain, issuedBy: world.root))
        expectRefusal(try connect(revoked, leaf: plain), .revoked, alert: 113)
    }

    @Test func followsIntermediates() throws {
        let intermediate = TestCertificate.intermediate()
        let progress = try connect(
            intermediate: intermediate.issued(by: world.root), issuer: intermediate)
        guard case .complete = progress.client else {
            Issue.record("\(progress.client)")
            return
        }
    }

    @Test(arguments: [TLS1_VERSION, TLS1_1_VERSION]) func refusesOldVersions(version: Int32) throws {
        let progress = try connect(.init(min: version, max: version))
        guard case .failed(let failure) = progress.client else {
            Issue.record("\(progress.client)")
            return
        }
        #expect(failure.category == .protocolVersion)
    }

    @Test(arguments: [
        ("ECDHE-RSA-AES128-GCM-SHA256", true), ("ECDHE-RSA-CHACHA20-POLY1305", true), ("AES128-GCM-SHA256:AES128-SHA", false),
        ("DHE-RSA-AES128-GCM-SHA256", false), ("ECDHE-RSA-AES128-SHA256", false), ("ECDHE-RSA-AES128-SHA", false),
    ])
    func speaksSuitesWithForwardSecrecyAndAEADOnly(suites: String, isSpoken: Bool) throws {
        let server = TestWorld.ForeignServer(max: TLS1_2_VERSION, suites: suites + ":@SECLEVEL=0")
        var leaf = TestCertificate.leaf(key: TestKeys.rsa2048)
        leaf.set(.keyUsage, KeyUsage([.digitalSignature, .keyEncipherment]).bitString)
        switch try connect(server, leaf: leaf).client {
        case .complete: #expect(isSpoken)
        case .failed(let failure): #expect(!isSpoken && failure.category == .protocolVersion)
        case .wantsIO: Issue.record("no end")
        }
    }

    @Test(arguments: [("http/1.1", "http/1.1"), ("h2", nil), (nil, nil)] as [(String?, String?)])
    func negotiatesHTTP11OrNothing(offered: String?, chosen: String?) throws {
        let progress = try connect(.init(protocol: offered))
        guard case .complete(let parameters) = progress.client else {
            Issue.record("\(progress.client)")
            return
        }
        #expect(parameters.applicationProtocol == chosen)
    }

    @Test func acceptsAddresses() throws {
        let identity = ServerIdentity.address(try #require(IPAddress("192.0.2.1")))
        let leaf = TestCertificate.leaf(identity)
        let minted = try MintedLeaf(identity: identity, certificate: leaf.issued(by: world.root), key: leaf.key)
        let client = try world.client(ClientContext(verifier: world.verifier), to: identity)
        let progress = Pair(client: client, server: TestWorld.ForeignServer().session(minted)).handshake()
        guard case .complete = progress.client else {
            Issue.record("\(progress.client)")
            return
        }
    }
}

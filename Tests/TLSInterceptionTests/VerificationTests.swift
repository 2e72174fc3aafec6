import Testing

@testable import TLSInterception

@Suite("Upstream verification")
struct VerificationTests {
    @Test(arguments: ChainCases.all)
    func judges(row: ChainCase) {
        var plan = ChainPlan()
        row.change(&plan)
        do throws(UpstreamRefusal) {
            let chain = try plan.verify(origin: row.origin)
            #expect(row.rule == nil)
            #expect(chain.certificates.count >= 2)
        } catch {
            #expect(error.rule == row.rule, "\(error)")
        }
    }

    @Test func namesTheCertificateAtFault() {
        var plan = ChainPlan()
        plan.intermediate.template.notAfter = TestCertificate.now - 1
        #expect(throws: UpstreamRefusal(.expired, subject: CertificateLabel(Array("Test Intermediate".utf8)), depth: 1)) {
            try plan.verify()
        }
        var hostile = ChainPlan()
        hostile.leaf.template.subject = TestCertificate.name("\u{1b}[31m\"x\"\n" + String(repeating: "y", count: 500))
        hostile.host("other.example")
        do throws(UpstreamRefusal) {
            _ = try hostile.verify()
            Issue.record("accepted")
        } catch {
            #expect(error.description.utf8.allSatisfy { (0x20...0x7e).contains($0) })
            #expect(error.description.utf8.count < 200)
            #expect(error.description.contains("\"?[31m?x??yyy"))
        }
    }

    @Test func refusesTooManyAndTooLargeCertificates() {
        var long = ChainPlan()
        long.presented = { leaf, intermediate, _ in [leaf] + Array(repeating: intermediate, count: Limits.chainCertificates) }
        #expect(throws: UpstreamRefusal(.chainTooLong)) { try long.verify() }
        var large = ChainPlan()
        large.leaf.set("1.3.6.1.4.1.99999.1", [UInt8](repeating: 0, count: Limits.chainBytes))
        #expect(throws: UpstreamRefusal(.chainTooLarge)) { try large.verify() }
        let nothing = UpstreamVerifier(anchors: TrustAnchors(system: []))
        #expect(throws: UpstreamRefusal(.noCertificate)) {
            try nothing.verify(chain: [], identity: ChainPlan().identity, at: TestCertificate.now)
        }
    }

    @Test func boundsTheWorkOfNameConstraints() {
        var plan = ChainPlan()
        plan.intermediate.set(
            .nameConstraints,
            TestCertificate.nameConstraints(
                permitted: [], excluded: (0..<500).map { TestCertificate.dns("x\($0).test") }), critical: true)
        plan.leaf.set(
            .subjectAltName,
            DERWriter.sequence((0..<500).flatMap { TestCertificate.dns("y\($0).test") } + TestCertificate.dns("www.example.com")))
        #expect(throws: UpstreamRefusal(.nameConstraintsTooComplex)) { try plan.verify() }
    }

    @Test(arguments: [0, 1, 2]) func refusesBlockedCertificates(index: Int) throws {
        let plan = ChainPlan()
        let root = plan.root.selfSigned()
        let intermediate = plan.intermediate.issued(by: plan.root)
        let leaf = plan.leaf.issued(by: plan.intermediate)
        let verifier = UpstreamVerifier(
            anchors: TrustAnchors(system: [PEM.block("CERTIFICATE", root)]),
            blocked: [Digest(of: [leaf, intermediate, root][index])])
        #expect {
            try verifier.verify(chain: [leaf, intermediate], identity: plan.identity, at: plan.now)
        } throws: { ($0 as? UpstreamRefusal)?.rule == .blockedCertificate }
    }

    @Test func refusesItself() throws {
        let now = TestCertificate.now
        let authority = try CertificateAuthority(label: "a", at: now)
        let leaf = try MintingSigner(authority: authority).leaf(for: ChainPlan().identity, at: now)
        // The agents' machine trusts the gateway's authority; the gateway must not, even if it shares the bundle.
        let verifier = UpstreamVerifier(
            anchors: TrustAnchors(system: [authority.certificatePEM]), ownAuthorities: [try .init(certificate: authority.certificate)])
        for chain in [[leaf.certificate], [leaf.certificate, authority.certificate]] {
            #expect {
                try verifier.verify(chain: chain, identity: ChainPlan().identity, at: now)
            } throws: { ($0 as? UpstreamRefusal)?.rule == .ownAuthority }
        }
    }

    @Test func everyRuleHasACategoryAndAnExplanation() {
        for rule in UpstreamRule.allCases {
            #expect(rule.category != .protocolVersion)
            #expect(rule.explanation.utf8.allSatisfy { (0x20...0x7e).contains($0) })
        }
        #expect(Set(UpstreamRule.allCases.map(\.explanation)).count == UpstreamRule.allCases.count)
        #expect(BlockedCertificates.fingerprints.count == 38)
    }
}

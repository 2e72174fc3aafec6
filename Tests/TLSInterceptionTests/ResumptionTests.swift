import COpenSSL
import Testing
import WireFormats

@testable import TLSInterception

@Suite("Resumption")
struct ResumptionTests {
    let world = TestWorld()

    /// Runs a handshake and a byte of answer, with which tickets arrive; whether it was a resumption.
    private func isResumed(_ client: TLSSession, _ server: TLSSession) throws -> Bool {
        let pair = Pair(client: client, server: server)
        guard case .complete(let parameters) = pair.handshake().client else {
            Issue.record("\(pair.client.handshake())")
            return false
        }
        #expect(server.write([1].span) == .accepted(1))
        pair.exchange()
        #expect(client.readAll().bytes == [1])
        return parameters.isResumed
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION]) func resumesWithUpstreamsForTheSameAgentOnly(version: Int32) throws {
        let foreign = TestWorld.ForeignServer(min: version, max: version)
        let leaf = try world.minted()
        let context = try ClientContext(verifier: world.verifier)
        func connect(agent: String = "claude", port: UInt16 = 443, generation: UInt64 = 1, after seconds: Int64 = 0) throws -> Bool {
            try isResumed(
                world.client(context, agent: agent, port: port, generation: generation, at: TestCertificate.now + seconds),
                foreign.session(leaf))
        }
        #expect(try !connect())
        #expect(context.resumableSessionCount == 1)
        #expect(try connect())
        #expect(try connect())
        #expect(try !connect(agent: "codex"))
        #expect(try !connect(port: 8443))
        #expect(try !connect(generation: 2))
        #expect(context.resumableSessionCount == 4)
        // What was verified two hours ago is verified again, however often it has been resumed since.
        #expect(try connect(after: Limits.resumptionSeconds - 1))
        #expect(try !connect(after: Limits.resumptionSeconds))
    }

    @Test func anotherContextStartsWithNothing() throws {
        let foreign = TestWorld.ForeignServer()
        let leaf = try world.minted()
        for _ in 0..<2 {
            #expect(try !isResumed(world.client(ClientContext(verifier: world.verifier)), foreign.session(leaf)))
        }
    }

    @Test func doesNotOutliveTheCertificate() throws {
        var certificate = TestCertificate.leaf()
        certificate.template.notAfter = TestCertificate.now + 60
        let leaf = try world.minted(certificate)
        let foreign = TestWorld.ForeignServer()
        let context = try ClientContext(verifier: world.verifier)
        #expect(try !isResumed(world.client(context), foreign.session(leaf)))
        #expect(try isResumed(world.client(context, at: TestCertificate.now + 59), foreign.session(leaf)))
        let late = try world.client(context, at: TestCertificate.now + 61)
        guard case .failed(.upstreamRefused(let refusal)) = Pair(client: late, server: foreign.session(leaf)).handshake().client else {
            Issue.record("accepted")
            return
        }
        #expect(refusal.rule == .expired)
    }

    @Test func agentsResumeWithTheGateway() throws {
        let gateway = try ServerContext()
        let leaf = try world.minted()
        let agents = try ClientContext(verifier: world.verifier)
        func connect(agent: String = "claude", after seconds: Int64 = 0) throws -> Bool {
            let now = TestCertificate.now + seconds
            return try isResumed(world.client(agents), gateway.session(presenting: leaf, agent: agent, at: now))
        }
        #expect(try !connect())
        #expect(try connect())
        // A ticket that another agent got hold of is of no use to it.
        #expect(try !connect(agent: "codex"))
        #expect(try !connect())
        // The key that sealed the ticket opens it until the change after the next.
        #expect(try connect(after: Limits.ticketKeySeconds))
        #expect(try connect(after: Limits.ticketKeySeconds))
        #expect(try connect(after: 2 * Limits.ticketKeySeconds))
        let kept = try world.client(agents)
        for step in 3...4 {
            _ = try gateway.session(presenting: leaf, agent: "claude", at: TestCertificate.now + Int64(step) * Limits.ticketKeySeconds)
        }
        let now = TestCertificate.now + 4 * Limits.ticketKeySeconds
        #expect(try !isResumed(kept, gateway.session(presenting: leaf, agent: "claude", at: now)))
    }

    @Test func ticketsAreBoundToTheHost() throws {
        let gateway = try ServerContext()
        let agents = try ClientContext(verifier: world.verifier)
        let other = try ServerIdentity.name(HostName("other.example"))
        let key = TestKeys.p256()
        let both = TestCertificate.leaf(key: key)
        let leaf = try world.minted(both)
        #expect(try !isResumed(world.client(agents), gateway.session(presenting: leaf, agent: "a", at: TestCertificate.now)))
        let elsewhere = try MintedLeaf(identity: other, certificate: leaf.certificate, key: key)
        #expect(try !isResumed(world.client(agents), gateway.session(presenting: elsewhere, agent: "a", at: TestCertificate.now)))
    }
}

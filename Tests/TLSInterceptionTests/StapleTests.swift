import Testing

@testable import TLSInterception

@Suite("Stapled OCSP responses")
struct StapleTests {
    /// One row: a change of a good response, and the rule broken by it for a leaf that promises a staple and for one that does not.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let promised: UpstreamRule?
        let unpromised: UpstreamRule?
        let change: @Sendable (inout TestStaple, TestCertificate) -> Void
    }

    static let rows: [Row] = [
        Row(testDescription: "good", promised: nil, unpromised: nil) { _, _ in },
        Row(testDescription: "good, SHA-256", promised: nil, unpromised: nil) { staple, _ in staple.digest = "SHA256" },
        Row(testDescription: "revoked", promised: .revoked, unpromised: .revoked) { staple, _ in staple.status = .revoked },
        Row(testDescription: "revoked, outdated", promised: .revoked, unpromised: .revoked) { staple, _ in
            staple.status = .revoked
            staple.nextUpdate = TestCertificate.now - 3000
        },
        Row(testDescription: "revoked, forged", promised: .stapleUnusable, unpromised: nil) { staple, _ in
            staple.status = .revoked
            staple.breaksSignature = true
        },
        Row(testDescription: "unknown", promised: .stapleUnusable, unpromised: nil) { staple, _ in staple.status = .unknown },
        Row(testDescription: "outdated", promised: .stapleUnusable, unpromised: nil) { staple, _ in
            staple.nextUpdate = TestCertificate.now - Limits.stapleClockSkewSeconds - 1
        },
        Row(testDescription: "outdated within the clocks' difference", promised: nil, unpromised: nil) { staple, _ in
            staple.nextUpdate = TestCertificate.now - Limits.stapleClockSkewSeconds + 1
        },
        Row(testDescription: "from the future", promised: .stapleUnusable, unpromised: nil) { staple, _ in
            staple.thisUpdate = TestCertificate.now + Limits.stapleClockSkewSeconds + 1
        },
        Row(testDescription: "without nextUpdate", promised: .stapleUnusable, unpromised: nil) { staple, _ in staple.nextUpdate = nil },
        Row(testDescription: "about another certificate", promised: .stapleUnusable, unpromised: nil) { staple, _ in staple.serial = [5] },
        Row(testDescription: "try later", promised: .stapleUnusable, unpromised: nil) { staple, _ in staple.responseStatus = 3 },
        Row(testDescription: "by a delegate", promised: nil, unpromised: nil) { staple, root in
            delegate(&staple, root, purpose: .ocspSigning)
        },
        Row(testDescription: "by a delegate without the purpose", promised: .stapleUnusable, unpromised: nil) { staple, root in
            delegate(&staple, root, purpose: .serverAuth)
        },
        Row(testDescription: "by an expired delegate", promised: .stapleUnusable, unpromised: nil) { staple, root in
            delegate(&staple, root, purpose: .ocspSigning) { $0.template.notAfter = TestCertificate.now - 1 }
        },
        Row(testDescription: "revoked, says a delegate of another authority", promised: .stapleUnusable, unpromised: nil) { staple, _ in
            staple.status = .revoked
            delegate(&staple, .root("Stranger"), purpose: .ocspSigning)
        },
    ]

    private static func delegate(
        _ staple: inout TestStaple, _ issuer: TestCertificate, purpose: ObjectIdentifier,
        change: (inout TestCertificate) -> Void = { _ in }
    ) {
        var responder = TestCertificate(
            subject: TestCertificate.name("Responder"),
            extensions: [.keyUsage(.digitalSignature), .extendedKeyUsage(purpose)])
        change(&responder)
        staple.delegate = responder
        staple.delegateDER = responder.issued(by: issuer)
    }

    @Test(arguments: rows, [true, false]) func judges(row: Row, isPromised: Bool) throws {
        let world = TestWorld()
        var leaf = TestCertificate.leaf()
        if isPromised { leaf.set(.tlsFeature, DERWriter.sequence(DERWriter.integer(5))) }
        var staple = TestStaple()
        row.change(&staple, world.root)
        let response = try staple.response(about: leaf, issuedBy: world.root)
        var broken: UpstreamRule?
        do throws(UpstreamRefusal) {
            _ = try world.verifier.verify(
                chain: [leaf.issued(by: world.root)], identity: TestWorld.identity, at: TestCertificate.now, staple: response)
        } catch {
            broken = error.rule
        }
        #expect(broken == (isPromised ? row.promised : row.unpromised))
    }

    @Test(arguments: [[], [0x30], [0x30, 0x00], [UInt8](repeating: 0x41, count: 20_000)])
    func treatsRubbishAsUnusable(bytes: [UInt8]) throws {
        let world = TestWorld()
        var leaf = TestCertificate.leaf()
        let plain = leaf.issued(by: world.root)
        leaf.set(.tlsFeature, DERWriter.sequence(DERWriter.integer(5)))
        let promising = leaf.issued(by: world.root)
        let now = TestCertificate.now
        #expect(throws: Never.self) {
            try world.verifier.verify(chain: [plain], identity: TestWorld.identity, at: now, staple: bytes)
        }
        #expect {
            try world.verifier.verify(chain: [promising], identity: TestWorld.identity, at: now, staple: bytes)
        } throws: { ($0 as? UpstreamRefusal)?.rule == (bytes.isEmpty ? .stapleMissing : .stapleUnusable) }
    }
}

import COpenSSL
import COpenSSLTesting
import WireFormats

@testable import TLSInterception

/// An authority, a verifier that trusts it, and servers it vouches for.
struct TestWorld {
    let root: TestCertificate
    let rootDER: [UInt8]
    let verifier: UpstreamVerifier

    init() {
        root = TestCertificate.root()
        rootDER = root.selfSigned()
        verifier = UpstreamVerifier(anchors: TrustAnchors(system: [PEM.block("CERTIFICATE", rootDER)]))
    }

    static let identity = ServerIdentity.name(TestCertificate.host)

    func minted(_ certificate: TestCertificate = .leaf()) throws -> MintedLeaf {
        try MintedLeaf(identity: Self.identity, certificate: certificate.issued(by: root), key: certificate.key)
    }

    func client(
        _ context: ClientContext, agent: String = "claude", port: UInt16 = 443, generation: UInt64 = 1,
        to identity: ServerIdentity = identity, at now: UnixTime = TestCertificate.now
    ) throws -> TLSSession {
        try context.session(to: identity, port: port, agent: agent, policyGeneration: generation, at: now)
    }

    /// A session of a server that has none of our settings.
    @safe struct ForeignServer {
        let context: OpaquePointer

        init(min: Int32 = TLS1_2_VERSION, max: Int32 = TLS1_3_VERSION, suites: String = "DEFAULT@SECLEVEL=0", protocol: String? = nil) {
            func make(_ name: UnsafePointer<CChar>?) -> OpaquePointer? {
                unsafe suites.withCString { unsafe pctest_server_context(min, max, $0, name) }
            }
            let made = unsafe `protocol`.map { unsafe $0.withCString(make) } ?? make(nil)
            guard let made = unsafe made else { fatalError("no server context") }
            unsafe context = made
        }

        func staple(_ response: [UInt8]) {
            // SAFETY: the bytes hold for the call and are copied.
            unsafe response.withUnsafeBufferPointer { unsafe pctest_staple(context, $0.baseAddress!, $0.count) }
        }

        func session(_ leaf: MintedLeaf, intermediate: [UInt8]? = nil) -> TLSSession {
            guard let handle = unsafe pctls_session_new(context, true) else { fatalError("no session") }
            // SAFETY: just made; freed by the TLSSession.
            let session = unsafe TLSSession(owning: handle, upstream: nil)
            guard unsafe pctls_session_set_certificate(handle, leaf.loaded.handle, leaf.key.handle) else { fatalError("no certificate") }
            if let intermediate, let loaded = try? LoadedCertificate(der: intermediate) {
                guard unsafe pctest_add_intermediate(pctls_session_ssl(handle), loaded.handle) else { fatalError("no intermediate") }
            }
            return session
        }
    }
}

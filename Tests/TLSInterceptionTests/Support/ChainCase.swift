import Testing
import WireFormats

@testable import TLSInterception

/// One row of a verification table: a good chain, one change, and the rule that must notice it.
struct ChainCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// `nil` when the chain stays good.
    let rule: UpstreamRule?
    let origin: TrustAnchors.Origin
    let change: @Sendable (inout ChainPlan) -> Void

    init(
        _ description: String, _ rule: UpstreamRule?, origin: TrustAnchors.Origin = .system,
        change: @escaping @Sendable (inout ChainPlan) -> Void
    ) {
        testDescription = description
        self.rule = rule
        self.origin = origin
        self.change = change
    }
}

/// root → intermediate → leaf, all good.
struct ChainPlan: Sendable {
    var root = TestCertificate.root()
    var intermediate = TestCertificate.intermediate()
    var leaf = TestCertificate.leaf()
    var identity = ServerIdentity.name(TestCertificate.host)
    var now = TestCertificate.now
    /// Whether the leaf and the intermediate get an authorityKeyIdentifier.
    var identifiesIssuerOfLeaf = true
    var identifiesIssuerOfIntermediate = true
    /// What the server sends, when it is not leaf and intermediate.
    var presented: (@Sendable (_ leaf: [UInt8], _ intermediate: [UInt8], _ root: [UInt8]) -> [[UInt8]])?
    var trustsRoot = true
    var trusted: (@Sendable (_ leaf: [UInt8], _ intermediate: [UInt8], _ root: [UInt8]) -> [[UInt8]])?

    mutating func host(_ text: String) {
        guard let name = try? HostName(text) else { fatalError("not a name: \(text)") }
        identity = .name(name)
    }

    mutating func address(_ text: String) {
        guard let address = IPAddress(text) else { fatalError("not an address: \(text)") }
        identity = .address(address)
    }

    /// Names the leaf, in its subjectAltName alone.
    mutating func leafNames(_ names: [UInt8]..., commonName: String? = nil) {
        leaf.set(.subjectAltName, DERWriter.sequence(Array(names.joined())))
        leaf.template.subject = TestCertificate.name(commonName ?? "a server")
    }

    func verify(origin: TrustAnchors.Origin = .system) throws(UpstreamRefusal) -> VerifiedChain {
        let rootDER = root.selfSigned()
        let intermediateDER = intermediate.issued(by: root, addsAuthorityKeyIdentifier: identifiesIssuerOfIntermediate)
        let leafDER = leaf.issued(by: intermediate, addsAuthorityKeyIdentifier: identifiesIssuerOfLeaf)
        let chain = presented?(leafDER, intermediateDER, rootDER) ?? [leafDER, intermediateDER]
        let trusted = trusted?(leafDER, intermediateDER, rootDER) ?? (trustsRoot ? [rootDER] : [])
        let pem = trusted.map { PEM.block("CERTIFICATE", $0) }
        let anchors =
            origin == .system ? TrustAnchors(system: pem) : TrustAnchors(system: [], operatorAdded: pem)
        return try UpstreamVerifier(anchors: anchors).verify(chain: chain, identity: identity, at: now)
    }
}

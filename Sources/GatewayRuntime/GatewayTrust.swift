internal import LinuxKernel
internal import TLSInterception
internal import WireFormats

/// The certificate authority that agents trust: a jail's, made for it alone and gone with it, or the service's; and the
/// trust files that make it known inside a jail.
struct GatewayTrust: Sendable {
    let authority: CertificateAuthority
    private let systemBundle: [UInt8]

    /// A jail's own.
    init() throws {
        try self.init(authority: CertificateAuthority(label: "jail \(ProcessSettings.processIdentifier)", at: .now))
    }

    init(authority: CertificateAuthority) throws {
        systemBundle = try SystemTrust.bundle()
        self.authority = authority
    }

    /// Contexts for upstream connections: the system's roots and the policy's, never the jail's own.
    func clientContext(extraFiles: [String]) throws -> ClientContext {
        var added: [[UInt8]] = []
        for path in extraFiles { added.append(try SystemTrust.read(path)) }
        let anchors = TrustAnchors(system: [systemBundle], operatorAdded: added)
        return try ClientContext(verifier: UpstreamVerifier(anchors: anchors, ownAuthorities: [try .init(certificate: authority.certificate)]))
    }

    /// The files of the jail's `/run/portcullis`.
    ///
    /// - Parameter resolver: the only name server inside.
    func files(resolver: IPAddress) throws -> [JailFile] {
        let system = PEM.blocks("CERTIFICATE", in: systemBundle.span)
        var bundle = systemBundle
        if bundle.last != UInt8(ascii: "\n") { bundle.append(UInt8(ascii: "\n")) }
        bundle += authority.certificatePEM
        let resolvers = "nameserver \(resolver)\noptions edns0 timeout:3 attempts:2\n"
        return [
            JailFile(name: "bundle.pem", contents: bundle, covers: SystemTrust.bundlePaths + Self.otherBundles),
            JailFile(name: "ca.pem", contents: authority.certificatePEM),
            JailFile(
                name: "certs/\(try CertificateFolder.fileName(of: authority.certificate))",
                contents: authority.certificatePEM),
            JailFile(
                name: "cacerts.jks",
                contents: JavaKeyStore.trusting(
                    system + [authority.certificate], password: TrustVariables.javaStorePassword),
                covers: ["/etc/ssl/certs/java/cacerts", "/etc/pki/ca-trust/extracted/java/cacerts"]),
            JailFile(name: "resolv.conf", contents: Array(resolvers.utf8), covers: ["/etc/resolv.conf"]),
        ]
    }

    /// Bundles besides those that ``SystemTrust`` reads from: the same distributions' older and other names.
    private static let otherBundles = [
        "/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/tls/cert.pem", "/var/lib/ca-certificates/ca-bundle.pem",
        "/usr/lib/ssl/cert.pem",
    ]
}

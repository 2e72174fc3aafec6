internal import LinuxKernel
internal import TLSInterception

/// The service's certificate authority, kept over restarts: agents that trust it once go on doing so.
///
/// Two files of one folder: `ca.pem`, which everybody may read, and `key.pem`, which only root may.
struct KeptAuthority: Sendable {
    let authority: CertificateAuthority
    /// The file that agents have to trust.
    let certificatePath: String

    /// Days for which a new authority is valid. It is made anew when fewer than ``renewalDays`` of them are left.
    static let days = 3650
    static let renewalDays: Int64 = 30

    /// Reads the authority of a folder, or makes one.
    ///
    /// - Throws: when files are there and are no authority: they are nobody's to overwrite.
    init(folder: String) throws {
        let certificatePath = "\(folder)/ca.pem"
        let keyPath = "\(folder)/key.pem"
        self.certificatePath = certificatePath
        if FileText.exists(certificatePath) || FileText.exists(keyPath) {
            let kept = try CertificateAuthority(
                certificatePEM: FileText.read(certificatePath, limit: 64 * 1024),
                privateKeyPEM: FileText.read(keyPath, limit: 64 * 1024))
            if kept.notAfter > .now + Self.renewalDays * 86_400 {
                authority = kept
                return
            }
        }
        authority = try CertificateAuthority(label: "service", at: .now, days: Self.days)
        try FileText.makeFolder(folder, mode: 0o755)
        try FileText.write(authority.privateKeyPEM(), to: keyPath, mode: 0o600)
        try FileText.write(authority.certificatePEM, to: certificatePath, mode: 0o644)
    }
}

internal import Glibc

/// Finds the distribution's bundle of trust anchors.
package enum SystemTrust {
    /// Where distributions keep it, in the order tried: Debian and Alpine, Fedora and RHEL, openSUSE, others.
    package static let bundlePaths = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ]

    /// The first bundle there is, as PEM.
    ///
    /// - Throws: ``TLSSetupError/unreadableAnchors(path:)`` naming the first path when there is none.
    package static func bundle() throws(TLSSetupError) -> [UInt8] {
        for path in bundlePaths {
            if let bytes = try? read(path) { return bytes }
        }
        throw .unreadableAnchors(path: bundlePaths[0])
    }

    /// Reads a PEM file of at most ``Limits/anchorBytes``.
    ///
    /// - Throws: ``TLSSetupError/unreadableAnchors(path:)``, also for a file without a certificate.
    package static func read(_ path: String) throws(TLSSetupError) -> [UInt8] {
        // SAFETY: the path holds for the call; the descriptor is closed below on every way out.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadableAnchors(path: path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                // SAFETY: `read` writes no more than the buffer's count.
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0, bytes.count + count <= Limits.anchorBytes else { throw .unreadableAnchors(path: path) }
            if count == 0 { break }
            bytes += chunk.prefix(count)
        }
        guard PEM.hasBlock("CERTIFICATE", in: bytes.span) else { throw .unreadableAnchors(path: path) }
        return bytes
    }
}

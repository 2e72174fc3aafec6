/// Why a key, certificate or context could not be made or read: our environment's fault or our caller's, never a peer's.
package enum TLSSetupError: Error, Hashable, Sendable {
    case noRandomness
    /// OpenSSL refused; the text says what it was asked to do.
    case openSSL(StaticText)
    case unreadableCertificate
    case unreadableKey
    /// The key is not the one in the certificate.
    case keyMismatch
    /// The certificate may not issue others.
    case notAnAuthority
    /// The trust anchors could not be read from this path.
    case unreadableAnchors(path: String)
}

extension TLSSetupError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noRandomness: "no randomness available"
        case .openSSL(let what): "OpenSSL could not \(what)"
        case .unreadableCertificate: "the certificate cannot be read"
        case .unreadableKey: "the private key cannot be read"
        case .keyMismatch: "the private key does not belong to the certificate"
        case .notAnAuthority: "the certificate is not that of a certificate authority"
        case .unreadableAnchors(let path): "no trust anchors could be read from \(path)"
        }
    }
}

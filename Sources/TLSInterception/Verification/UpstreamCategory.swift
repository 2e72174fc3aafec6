/// The kinds of refusal that the policy layer has reason codes for.
package enum UpstreamCategory: Hashable, Sendable, CaseIterable {
    /// Not vouched for by a trusted authority in a well-formed way.
    case untrusted
    /// Vouched for, but for another name.
    case name
    /// Outside its time.
    case expired
    /// Taken back, or the proof that it was not is missing.
    case revoked
    /// Signed or signing with something breakable.
    case weak
    /// No version of TLS, or no cipher, in common.
    case protocolVersion
}

extension TLSFailure {
    /// The category when the session was with an upstream; `nil` for failures that are no judgement about it.
    package var category: UpstreamCategory? {
        switch self {
        case .upstreamRefused(let refusal): refusal.category
        case .protocolVersion, .noSharedParameters, .peerAlert(40), .peerAlert(70), .peerAlert(71): .protocolVersion
        case .peerAlert, .truncated, .protocolViolation, .outOfMemory: nil
        }
    }
}

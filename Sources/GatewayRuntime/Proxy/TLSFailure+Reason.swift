internal import Policy
internal import TLSInterception

extension TLSFailure {
    /// The reason an upstream handshake's failure is told under.
    var reason: Reason {
        switch self {
        case .upstreamRefused(let refusal):
            switch refusal.category {
            case .untrusted: .tlsUpstreamUntrusted
            case .name: .tlsUpstreamName
            case .expired: .tlsUpstreamExpired
            case .revoked: .tlsUpstreamRevoked
            case .weak: .tlsUpstreamWeak
            case .protocolVersion: .tlsUpstreamProtocol
            }
        case .protocolVersion, .noSharedParameters, .peerAlert, .protocolViolation: .tlsUpstreamProtocol
        case .truncated: .upstreamClosed
        case .outOfMemory: .upstreamUnreachable
        }
    }
}

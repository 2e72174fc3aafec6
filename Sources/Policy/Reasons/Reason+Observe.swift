extension Reason {
    /// True for what `mode: observe` lets pass: decisions of the policy's text, and nothing else.
    ///
    /// Never waived: addresses that are not public, traffic that cannot be read safely, broken links of the identity
    /// chain (the log would carry a name that was not proven), failures of the other side, limits, the recorder, and a seal.
    package var isWaivedByObserve: Bool {
        switch self {
        case .dnsNameNotAllowed, .dnsNameDenied, .dnsBudgetExceeded, .dnsTunnelSuspected, .dnsEncrypted,
            .ipNotResolved, .ipDenied, .ipPortNotAllowed, .tlsSNINotAllowed, .httpHostNotAllowed, .httpMethodNotAllowed, .httpPathNotAllowed,
            .httpPathAmbiguous:
            true
        case .policyMissing, .dnsMalformed, .dnsTypeNotAllowed, .dnsUpstreamFailed, .dnsAnswerPrivate,
            .dnsTooManyQueries, .ipPrivate, .ipProtocolNotAllowed, .ipMalformed, .ipTooManyFlows,
            .flowProtocolUnknown, .flowNoFirstBytes, .tlsMalformedHello, .tlsNoServerName, .tlsSNIMismatch,
            .tlsHelloChanged, .quicVersion, .quicMalformed, .tlsAgentHandshake, .tlsUpstreamUntrusted, .tlsUpstreamName, .tlsUpstreamExpired,
            .tlsUpstreamRevoked, .tlsUpstreamWeak, .tlsUpstreamProtocol, .httpMalformed, .httpHostMismatch,
            .httpUpgradeRefused, .httpHeadTooLarge, .httpUpstreamMalformed, .upstreamUnreachable,
            .upstreamTimeout, .upstreamClosed, .limitConnections, .limitDescriptors, .recorderFailed,
            .recorderFlooded, .killSealed:
            false
        }
    }
}

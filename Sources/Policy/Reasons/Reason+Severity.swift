extension Reason {
    /// How much a refusal for this reason says about the agent, whether it was carried out or only observed.
    package var severity: Severity {
        switch self {
        // Data carried out through names: a budget is several times what working programs use, and a tunnel shows by
        // spending it.
        case .dnsTunnelSuspected, .dnsBudgetExceeded: .critical
        // A way around the gateway's resolver, to one that is known to be there for that.
        case .dnsEncrypted: .critical
        // Domain fronting: one name for the gateway to judge, another for the server to serve.
        case .tlsSNIMismatch, .httpHostMismatch: .critical
        // What was judged is not what would have been read: no program's TCP or QUIC sends bytes again as others.
        case .tlsHelloChanged: .critical
        // Written so that two programs read it differently: request smuggling, and paths that slip past a rule. Libraries
        // write neither.
        case .httpMalformed, .httpPathAmbiguous: .critical
        // The system's own network stack and resolver write packets and queries; broken ones are written by hand.
        case .ipMalformed, .dnsMalformed: .critical

        // Evasion looks so, but so do a client that breaks off in the middle and one that goes on past a restart of the
        // gateway: the same codes stand for both.
        case .tlsMalformedHello, .quicMalformed, .flowProtocolUnknown, .tlsNoServerName: .notice
        // Addresses nobody has given the agent, inside ones and metadata services among them: programs for clouds look
        // there unasked, and names that are resolved inside are an ordinary network's, too.
        case .ipNotResolved, .ipPrivate, .dnsAnswerPrivate: .notice
        // Somebody has ruled this out by name, and it was asked for all the same.
        case .dnsNameDenied, .ipDenied: .notice
        // More than a working program asks for or opens; slow answers pile up in the same way.
        case .dnsTooManyQueries, .ipTooManyFlows: .notice
        // A program that looks for a service may ask for such a type; one that goes on is ``dnsTunnelSuspected``.
        case .dnsTypeNotAllowed: .notice
        // Somebody may be between the gateway and the server, or the server is not what it was: nothing of the agent's doing.
        case .tlsUpstreamUntrusted, .tlsUpstreamName, .tlsUpstreamRevoked, .httpUpstreamMalformed: .notice
        // The gateway's own record is in danger; it has a trigger of its own.
        case .recorderFailed, .recorderFlooded: .notice

        // Ordinary names, hosts, ports and requests that no rule allows: agents try these all the time.
        case .dnsNameNotAllowed, .ipPortNotAllowed, .tlsSNINotAllowed, .httpHostNotAllowed, .httpMethodNotAllowed,
            .httpPathNotAllowed, .httpUpgradeRefused, .httpHeadTooLarge:
            .info
        // Clients try QUIC and ping before anything else, and fall back.
        case .ipProtocolNotAllowed, .quicVersion: .info
        // Connections opened ahead and never used, and clients that do not know the gateway's authority.
        case .flowNoFirstBytes, .tlsAgentHandshake: .info
        // The other side's failures, and the gateway's own settings and limits.
        case .dnsUpstreamFailed, .tlsUpstreamExpired, .tlsUpstreamWeak, .tlsUpstreamProtocol, .upstreamUnreachable,
            .upstreamTimeout, .upstreamClosed, .policyMissing, .limitConnections, .limitDescriptors:
            .info
        // What a sealed agent goes on trying has been judged already.
        case .killSealed: .info
        }
    }
}

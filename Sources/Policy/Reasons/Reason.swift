/// Why traffic was refused, or what became of a flow: one stable code each.
///
/// This list is the single source: the 403 body, the DNS error, the decision log, `portcullis why`, the page
/// `Reasons.md` and the tests are generated from it.
package enum Reason: String, CaseIterable, Sendable, Hashable {
    // Policy
    case policyMissing = "policy.missing"

    // DNS
    case dnsNameNotAllowed = "dns.name_not_allowed"
    case dnsNameDenied = "dns.name_denied"
    case dnsMalformed = "dns.malformed"
    case dnsTypeNotAllowed = "dns.type_not_allowed"
    case dnsUpstreamFailed = "dns.upstream_failed"
    case dnsAnswerPrivate = "dns.answer_private"
    case dnsTooManyQueries = "dns.too_many_queries"
    case dnsBudgetExceeded = "dns.budget_exceeded"
    case dnsTunnelSuspected = "dns.tunnel_suspected"
    case dnsEncrypted = "dns.encrypted"

    // Packets
    case ipNotResolved = "ip.not_resolved"
    case ipPrivate = "ip.private"
    case ipDenied = "ip.denied"
    case ipProtocolNotAllowed = "ip.protocol_not_allowed"
    case ipPortNotAllowed = "ip.port_not_allowed"
    case ipMalformed = "ip.malformed"
    case ipTooManyFlows = "ip.too_many_flows"

    // First bytes of an intercepted flow
    case flowProtocolUnknown = "flow.protocol_unknown"
    case flowNoFirstBytes = "flow.no_first_bytes"

    // TLS
    case tlsMalformedHello = "tls.malformed_hello"
    case tlsNoServerName = "tls.no_server_name"
    case tlsSNIMismatch = "tls.sni_mismatch"
    case tlsSNINotAllowed = "tls.sni_not_allowed"
    case tlsHelloChanged = "tls.hello_changed"
    case tlsAgentHandshake = "tls.agent_handshake"
    case tlsUpstreamUntrusted = "tls.upstream_untrusted"
    case tlsUpstreamName = "tls.upstream_name"
    case tlsUpstreamExpired = "tls.upstream_expired"
    case tlsUpstreamRevoked = "tls.upstream_revoked"
    case tlsUpstreamWeak = "tls.upstream_weak"
    case tlsUpstreamProtocol = "tls.upstream_protocol"

    // QUIC
    case quicVersion = "quic.version"
    case quicMalformed = "quic.malformed"

    // HTTP
    case httpMalformed = "http.malformed"
    case httpHostMismatch = "http.host_mismatch"
    case httpHostNotAllowed = "http.host_not_allowed"
    case httpMethodNotAllowed = "http.method_not_allowed"
    case httpPathNotAllowed = "http.path_not_allowed"
    case httpPathAmbiguous = "http.path_ambiguous"
    case httpUpgradeRefused = "http.upgrade_refused"
    case httpHeadTooLarge = "http.head_too_large"
    case httpUpstreamMalformed = "http.upstream_malformed"

    // Upstream
    case upstreamUnreachable = "upstream.unreachable"
    case upstreamTimeout = "upstream.timeout"
    case upstreamClosed = "upstream.closed"

    // Resources
    case limitConnections = "limit.connections"
    case limitDescriptors = "limit.descriptors"
    case recorderFailed = "recorder.failed"
    case recorderFlooded = "recorder.flooded"

    // Kill switch
    case killSealed = "kill.sealed"
}

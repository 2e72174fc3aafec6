extension Reason {
    package var title: String { explanation.title }
    package var httpStatus: Int { explanation.httpStatus }
    package var ednsErrorCode: UInt16? { explanation.ednsErrorCode }
    package var remedyHint: String { explanation.remedyHint }

    /// The part of the code before the dot: `dns`, `ip`, `tls`, …
    package var group: String { String(rawValue.prefix { $0 != "." }) }

    /// The one table behind every place that explains a reason.
    ///
    /// INFO-CODEs of RFC 8914 in use: 15 Blocked, 18 Prohibited, 21 Not Supported, 22 No Reachable Authority.
    package var explanation: ReasonExplanation {
        switch self {
        case .policyMissing:
            ReasonExplanation(
                "No policy", "The gateway has no policy, and what is not allowed is refused.",
                ednsErrorCode: 15, hint: "Give it one: `--policy FILE`, a preset such as `--policy claude-code`, or `--allow HOST`.")
        case .dnsNameNotAllowed:
            ReasonExplanation(
                "Name not allowed", "No allow rule covers this name, so it is not resolved.",
                ednsErrorCode: 15, hint: "Add the printed line under `allow:` if the agent should reach this host.")
        case .dnsNameDenied:
            ReasonExplanation(
                "Name denied", "A deny rule covers this name; deny rules win over allow rules.",
                ednsErrorCode: 15, hint: "Remove or narrow the deny rule at the printed place.")
        case .dnsMalformed:
            ReasonExplanation(
                "Malformed DNS message", "The message breaks the DNS format, or hides bytes where none belong.",
                status: 400, hint: "No rule changes this. Look at the program that sent it.")
        case .dnsTypeNotAllowed:
            ReasonExplanation(
                "DNS record type not allowed", "Queries of this type are not answered: they carry data rather than addresses.",
                ednsErrorCode: 21, hint: "Ask for an address (A, AAAA) or another type that the gateway answers.")
        case .dnsUpstreamFailed:
            ReasonExplanation(
                "Resolver failed", "The resolver that the gateway asks gave no usable answer.",
                status: 502, ednsErrorCode: 22, hint: "Check `dns: resolver`, and that the gateway itself can reach it.")
        case .dnsAnswerPrivate:
            ReasonExplanation(
                "Answer is not public", "The name is allowed, but what it resolves to is private, local or reserved: names must not lead inside.",
                ednsErrorCode: 15, hint: "If the service is meant to be inside, open its address and port with an `address` rule.")
        case .dnsTooManyQueries:
            ReasonExplanation(
                "Too many DNS queries", "The agent asks for more names than a working program does.",
                status: 503, ednsErrorCode: 18, hint: "Wait, and look at what is asking: bursts of names are how data is carried out through DNS.")
        case .dnsBudgetExceeded:
            ReasonExplanation(
                "DNS budget spent", "More new names, or more bytes, were asked for below one domain than the policy’s budget has. The domain is refused for five minutes.",
                ednsErrorCode: 18, hint: "Wait. If the agent does need so many names there, raise `dns_unique_names_per_minute` or `dns_bytes_per_zone_per_hour` under `budgets:`.")
        case .dnsTunnelSuspected:
            ReasonExplanation(
                "DNS tunnel suspected", "Many long random labels, or questions of refused types, were asked for below one domain: this is what data carried out through DNS looks like. The domain is refused for five minutes.",
                ednsErrorCode: 15, hint: "Look at the program that asks. If its names are meant to be so, raise `dns_label_entropy` under `budgets:`.")
        case .dnsEncrypted:
            ReasonExplanation(
                "Encrypted DNS", "DNS inside TLS, QUIC or HTTPS would resolve names past the gateway.",
                ednsErrorCode: 15, hint: "Use the system’s resolver, which the gateway answers for. Only a rule for exactly that host opens a known resolver; DNS over TLS works with `ports: [853]` and `inspect: sni` in it.")
        case .ipNotResolved:
            ReasonExplanation(
                "Address not resolved", "No allowed name was resolved to this address, so nobody can say whom it belongs to.",
                hint: "Connect by name. If there is none, open the address and port with the printed line.")
        case .ipPrivate:
            ReasonExplanation(
                "Address is not public", "The address is private, local, reserved or a cloud metadata service.",
                hint: "Only an explicit `address` rule with a port opens it.")
        case .ipDenied:
            ReasonExplanation(
                "Address denied", "A deny rule covers this address; deny rules win over allow rules.",
                hint: "Remove or narrow the deny rule at the printed place.")
        case .ipProtocolNotAllowed:
            ReasonExplanation(
                "Protocol not allowed", "The gateway can judge TCP and DNS; other protocols are refused so that nothing passes unseen.",
                hint: "Use TCP. Clients of QUIC fall back by themselves.")
        case .ipPortNotAllowed:
            ReasonExplanation(
                "Port not allowed", "The rule for this destination does not cover the port. Without `ports`, a host rule covers 80 and 443.",
                hint: "Add the printed line under `allow:` if the agent should use this port.")
        case .ipMalformed:
            ReasonExplanation(
                "Malformed packet", "The packet breaks the format of IP or TCP, or is a fragment that cannot be judged.",
                status: 400, hint: "No rule changes this. Look at the program that sent it.")
        case .ipTooManyFlows:
            ReasonExplanation(
                "Too many flows", "The agent has more connections open, or opens them faster, than the gateway keeps track of.",
                status: 503, hint: "Wait, or close connections.")
        case .flowProtocolUnknown:
            ReasonExplanation(
                "Protocol not recognised", "The first bytes of the flow are neither TLS nor HTTP, so there is nothing to judge.",
                hint: "If it is meant to be, open the address and port with an `address` rule.")
        case .flowNoFirstBytes:
            ReasonExplanation(
                "No first bytes", "The flow was opened and nothing was sent, so there is nothing to judge.",
                hint: "Protocols in which the server speaks first need an `address` rule.")
        case .tlsMalformedHello:
            ReasonExplanation(
                "Malformed ClientHello", "The first message breaks the format of TLS.",
                status: 400, hint: "No rule changes this. Look at the program that sent it.")
        case .tlsNoServerName:
            ReasonExplanation(
                "No server name", "The ClientHello does not say which host it is for (SNI), so the policy cannot be asked.",
                hint: "Connect by name with a client that sends SNI.")
        case .tlsSNIMismatch:
            ReasonExplanation(
                "Server name and address differ", "The server name in the ClientHello was not resolved to the address that the flow goes to.",
                hint: "Connect to the address that the name resolves to. This is what domain fronting looks like.")
        case .tlsSNINotAllowed:
            ReasonExplanation(
                "Server name not allowed", "No allow rule covers the server name in the ClientHello, or a deny rule does.",
                hint: "Add the printed line under `allow:` if the agent should reach this host.")
        case .tlsHelloChanged:
            ReasonExplanation(
                "ClientHello changed on the way", "Bytes of the ClientHello were sent twice and differed, so that the server could have read another name than the gateway.",
                status: 400, hint: "No rule changes this. Look at the program that sent it.")
        case .tlsAgentHandshake:
            ReasonExplanation(
                "TLS to the agent failed", "The agent did not accept the gateway’s certificate, or broke off the handshake.",
                hint: "Make the program trust the gateway’s CA; programs with pinned certificates cannot be inspected.")
        case .tlsUpstreamUntrusted:
            ReasonExplanation(
                "Certificate not trusted", "No trusted authority vouches for the server’s certificate.",
                status: 502, hint: "For a private authority, add its root under `tls: extra_ca`.")
        case .tlsUpstreamName:
            ReasonExplanation(
                "Certificate is for another name", "The server’s certificate does not name the host that was asked for.",
                status: 502, hint: "Check the host name; a wrong one here can mean that someone is in between.")
        case .tlsUpstreamExpired:
            ReasonExplanation(
                "Certificate expired", "The server’s certificate is no longer or not yet valid.",
                status: 502, hint: "Its operator must renew it. Check the gateway’s clock.")
        case .tlsUpstreamRevoked:
            ReasonExplanation(
                "Certificate revoked", "The authority has revoked the server’s certificate.",
                status: 502, hint: "Its operator must replace it.")
        case .tlsUpstreamWeak:
            ReasonExplanation(
                "Certificate too weak", "The server’s certificate or key is too weak to prove anything.",
                status: 502, hint: "Its operator must replace it.")
        case .tlsUpstreamProtocol:
            ReasonExplanation(
                "TLS with the server failed", "The server speaks no version or cipher of TLS that the gateway accepts, or broke off the handshake.",
                status: 502, hint: "Its operator must offer TLS 1.2 or later.")
        case .quicVersion:
            ReasonExplanation(
                "QUIC version not known", "The datagram is not of QUIC version 1 or 2, the versions whose first messages the gateway can read.",
                hint: "Clients fall back to TCP by themselves.")
        case .quicMalformed:
            ReasonExplanation(
                "Malformed QUIC packet", "The first packets of the flow break the format of QUIC, or were not made with its keys.",
                status: 400, hint: "Clients fall back to TCP by themselves. No rule changes this.")
        case .httpMalformed:
            ReasonExplanation(
                "Malformed request", "The request breaks HTTP, or two programs could read it differently.",
                status: 400, hint: "No rule changes this. Send the request as RFC 9112 has it.")
        case .httpHostMismatch:
            ReasonExplanation(
                "Host and server name differ", "The request’s `Host` is not the host that the connection was opened to.",
                status: 400, hint: "Open a connection to that host instead. This is what domain fronting looks like.")
        case .httpHostNotAllowed:
            ReasonExplanation(
                "Host not allowed", "No allow rule covers the host of the request, or a deny rule does.",
                hint: "Add the printed line under `allow:` if the agent should reach this host.")
        case .httpMethodNotAllowed:
            ReasonExplanation(
                "Method not allowed", "Rules cover the host, but not with this method.",
                hint: "Add the printed line under `allow:` if the agent should send such requests.")
        case .httpPathNotAllowed:
            ReasonExplanation(
                "Path not allowed", "Rules cover the host and the method, but not this path.",
                hint: "Add the printed line under `allow:` if the agent should reach this path.")
        case .httpPathAmbiguous:
            ReasonExplanation(
                "Path is ambiguous", "The path can be read in several ways (an encoded slash, a backslash, a control byte, a broken escape, `..` above the root), and rules of this host depend on the path.",
                hint: "Send the path in its plain spelling, or allow the host without `paths`.")
        case .httpUpgradeRefused:
            ReasonExplanation(
                "Upgrade refused", "The gateway cannot judge what the connection would be switched to.",
                hint: "Use the protocol without the upgrade.")
        case .httpHeadTooLarge:
            ReasonExplanation(
                "Head too large", "The request’s line and fields are longer than the gateway reads.",
                status: 431, hint: "Send fewer or shorter fields.")
        case .httpUpstreamMalformed:
            ReasonExplanation(
                "Malformed response", "The server’s response breaks HTTP, or two programs could read it differently.",
                status: 502, hint: "Its operator must repair it.")
        case .upstreamUnreachable:
            ReasonExplanation(
                "Server unreachable", "The server refused the connection, or there is no way to it.",
                status: 502, hint: "Try again later; check the gateway’s own network.")
        case .upstreamTimeout:
            ReasonExplanation(
                "Server too slow", "The server did not answer in time.",
                status: 504, hint: "Try again later.")
        case .upstreamClosed:
            ReasonExplanation(
                "Server closed the connection", "The server closed the connection before its response was complete.",
                status: 502, hint: "Try again later.")
        case .limitConnections:
            ReasonExplanation(
                "Too many connections", "The gateway serves as many connections as it is allowed to.",
                status: 503, hint: "Wait, or raise the limit.")
        case .limitDescriptors:
            ReasonExplanation(
                "Out of descriptors", "The gateway has no file descriptors left.",
                status: 503, hint: "Wait, or raise the limit of open files.")
        case .recorderFlooded:
            ReasonExplanation(
                "Refusals not logged", "More was refused than is worth logging one by one; all of it stayed refused.",
                status: 503, hint: "Look at the refusals before it: something keeps trying.")
        case .recorderFailed:
            ReasonExplanation(
                "Recorder failed", "What cannot be recorded is not let through, and the record could not be written.",
                status: 503, hint: "Check the disk of the flight recorder.")
        case .killSealed:
            ReasonExplanation(
                "Agent sealed", "The kill switch has cut this agent off: nothing passes, whatever the policy allows.",
                status: 503, ednsErrorCode: 15, hint: "An operator lifts it with `portcullis raise --agent NAME --reason TEXT`.")
        }
    }
}

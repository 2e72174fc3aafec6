package import Policy
package import WireFormats

/// The identity chain of one intercepted connection: from the address it was made to, over the server name, to the host
/// of each request. The first broken link names the refusal.
package struct FlowGuard: Sendable {
    package let agent: AgentID
    package let address: IPAddress
    package let port: UInt16
    private let policy: CompiledPolicy
    /// The name that a TLS connection was opened for; requests inside may name no other.
    package var serverName: HostName?
    /// The host of the last request that was let through outside TLS: its pin was looked at then, and an open flow outlives
    /// its pin.
    package var provenName: HostName?

    package init(agent: AgentID, address: IPAddress, port: UInt16, policy: CompiledPolicy) {
        self.agent = agent
        self.address = address
        self.port = port
        self.policy = policy
    }

    /// What a ClientHello led to.
    package enum NameVerdict: Hashable, Sendable {
        /// Connect to the name, decrypt and judge requests; a decision is to be recorded only in observe mode.
        case accept(HostName, Decision?)
        /// Relay to the address that was dialled, and read nothing further.
        case relay(HostName, Decision)
        /// Refuse. With a name, the refusal can be told inside a TLS session of that name.
        case refuse(HostName?, Denial, Decision)
    }

    /// - Parameter isPinned: whether the agent was given this connection's address for the name.
    package func judge(_ hello: ClientHello, isPinned: (HostName) -> Bool) -> NameVerdict {
        guard let bytes = hello.serverName else {
            return refuse(nil, Denial(reason: .tlsNoServerName, subject: destination))
        }
        guard let name = try? HostName(bytes.span) else {
            return refuse(nil, Denial(reason: .tlsMalformedHello, subject: destination))
        }
        guard isPinned(name) else {
            return observe(name, Denial(reason: .tlsSNIMismatch, subject: "\(name) at \(destination)"))
        }
        switch policy.flowVerdict(host: name, port: port, step: .serverName) {
        case .allow(let approved) where approved.inspection == .sni:
            return .relay(
                name,
                Decision(
                    stage: .tls, action: .allow, agent: agent, subject: "\(name) (\(destination))",
                    origin: approved.origin))
        case .allow: return .accept(name, nil)
        case .deny(let denial): return observe(name, denial)
        }
    }

    /// Judges one request.
    ///
    /// - Parameter isPinned: as above; asked only outside TLS, where the request is the first to name a host.
    package func judge(_ head: HTTP1RequestHead, isPinned: (HostName) -> Bool) -> HTTPRequestVerdict {
        if let named = head.port, named != port {
            return refuse(Denial(reason: .httpHostMismatch, subject: "\(head.authority) at \(destination)"))
        }
        let host: HostName
        if let serverName {
            guard head.isFor(serverName) else {
                return refuse(
                    Denial(reason: .httpHostMismatch, subject: "\(head.authority) on a connection to \(serverName)"))
            }
            host = serverName
        } else {
            guard let name = head.authority.name else {
                return refuse(Denial(reason: .httpHostNotAllowed, subject: "\(head.authority) at \(destination)"))
            }
            if name != provenName, !isPinned(name) {
                let denial = Denial(reason: .httpHostMismatch, subject: "\(name) at \(destination)")
                guard isObserved(denial) else { return refuse(denial) }
            }
            host = name
        }
        if head.upgrade != nil {
            return refuse(Denial(reason: .httpUpgradeRefused, subject: "\(head.methodText) \(host)"))
        }
        var observed: Denial?
        if head.carriesDNS, !policy.namesEncryptedResolver(host) {
            let denial = Denial(reason: .dnsEncrypted, subject: "\(head.methodText) \(host)\(head.section.text(head.path))")
            guard isObserved(denial) else { return refuse(denial) }
            observed = denial
        }
        let bytes = head.bytes
        let verdict = policy.requestVerdict(
            host: host, port: port, method: bytes.span.extracting(head.method), path: bytes.span.extracting(head.path))
        switch verdict {
        case .allow(let approved):
            if let observed { return .forward(host, Decision(stage: .http, agent: agent, denial: observed, observed: true)) }
            // Appended piece by piece: interpolation allocates for each, and this is done for every request.
            var subject = head.methodText
            subject.reserveCapacity(head.method.count + 1 + host.text.utf8.count + head.path.count)
            subject += " "
            subject += host.text
            subject += head.section.text(head.path)
            return .forward(
                host,
                Decision(stage: .http, action: .allow, agent: agent, subject: subject, origin: approved.origin))
        case .deny(let denial):
            guard isObserved(denial) else { return refuse(denial) }
            return .forward(host, Decision(stage: .http, agent: agent, denial: denial, observed: true))
        }
    }

    /// For the log and for refusals: `93.184.216.34:443`.
    package var destination: String { address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)" }

    private func isObserved(_ denial: Denial) -> Bool { policy.mode == .observe && denial.reason.isWaivedByObserve }

    private func observe(_ name: HostName, _ denial: Denial) -> NameVerdict {
        guard isObserved(denial) else { return refuse(name, denial) }
        return .accept(name, Decision(stage: .tls, agent: agent, denial: denial, observed: true))
    }

    private func refuse(_ name: HostName?, _ denial: Denial) -> NameVerdict {
        .refuse(name, denial, Decision(stage: .tls, agent: agent, denial: denial))
    }

    private func refuse(_ denial: Denial) -> HTTPRequestVerdict {
        .refuse(denial, Decision(stage: .http, agent: agent, denial: denial))
    }
}

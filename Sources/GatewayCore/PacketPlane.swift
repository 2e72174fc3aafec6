package import Policy
internal import WireFormats

/// Judges the first packets of flows, and every DNS query.
///
///     datagram to port 53 ─▶ NameGuard ─▶ answered REFUSED │ asked of a resolver ─▶ answer filtered, pinned, released
///     TCP SYN ─▶ explicit address rule? ─▶ direct
///             └▶ pinned to a name whose rule covers the port? ─▶ intercepted
///             └▶ refused, with the link of the chain that broke
///     all else ─▶ refused
///
/// Pure: bytes and times in, outcomes out. An accepted SYN allocates nothing.
package struct PacketPlane: ~Copyable {
    private let agent: AgentID
    private let policy: CompiledPolicy
    private var names: NameGuard

    package init(agent: AgentID, policy: CompiledPolicy) {
        self.agent = agent
        self.policy = policy
        names = NameGuard(agent: agent, policy: policy)
    }

    /// Judges one packet.
    ///
    /// - Parameters:
    ///   - bytes: from the IP header on.
    ///   - identifier: a fresh random number, for a question to a resolver.
    package mutating func packet(
        _ bytes: Span<UInt8>, pins: borrowing PinTable, identifier: UInt16, at now: Timestamp
    ) -> PacketOutcome {
        guard let packet = IPPacket(bytes), !packet.isFragment else {
            return .drop(refusal(.ipMalformed, subject: "a packet of \(bytes.count) bytes"))
        }
        let payload = bytes.extracting(packet.payload)
        switch packet.transport {
        case 17:
            guard let header = UDPHeader(payload) else {
                return .drop(refusal(.ipMalformed, subject: packet.destination.description))
            }
            if header.destinationPort == 53 {
                return names.query(
                    payload.extracting(header.payload),
                    path: NameGuard.ReturnPath(
                        agentAddress: packet.source, agentPort: header.sourcePort,
                        serverAddress: packet.destination),
                    identifier: identifier, at: now)
            }
            return .refuse(
                refusal(.ipProtocolNotAllowed, subject: "\(Self.text(packet.destination, header.destinationPort))/udp"))
        case 6:
            guard let header = TCPHeader(payload), header.opensConnection else {
                return .drop(refusal(.ipMalformed, subject: packet.destination.description))
            }
            return connection(to: packet.destination, port: header.destinationPort, pins: pins, at: now)
        default:
            return .refuse(
                refusal(.ipProtocolNotAllowed, subject: "\(packet.destination), protocol \(packet.transport)"))
        }
    }

    /// A resolver's answer to `token`.
    package mutating func resolverAnswered(
        _ bytes: Span<UInt8>, token: UInt32, pins: inout PinTable, at now: Timestamp
    ) -> ResolverOutcome {
        names.resolverAnswered(bytes, token: token, pins: &pins, at: now)
    }

    /// No answer came in time, or the resolver cannot be reached.
    package mutating func resolverFailed(token: UInt32, detail: String) -> ResolverOutcome {
        names.resolverFailed(token: token, detail: detail)
    }

    private func connection(
        to address: IPAddress, port: UInt16, pins: borrowing PinTable, at now: Timestamp
    ) -> PacketOutcome {
        if let approved = policy.addressApproval(address, port: port) {
            return .pass(
                .direct,
                Decision(
                    stage: .flow, action: .allow, agent: agent, subject: Self.text(address, port),
                    origin: approved.origin))
        }
        var byName: Denial?
        let isAllowed = pins.contains(address, for: agent, at: now) { name in
            switch policy.flowVerdict(host: name, address: address, port: port) {
            case .allow: return true
            case .deny(let denial):
                byName = byName ?? denial
                return false
            }
        }
        if isAllowed { return .pass(.intercepted, nil) }
        if let byName { return refuse(byName, mark: .intercepted) }
        switch policy.addressVerdict(address, port: port) {
        case .deny(let denial): return refuse(denial, mark: .direct)
        // Not reached: the approval above is the verdict's own question. Refused all the same.
        case .allow: return .refuse(refusal(.ipNotResolved, subject: Self.text(address, port)))
        }
    }

    /// - Parameter mark: the way it goes in observe mode, where the reason allows that.
    private func refuse(_ denial: Denial, mark: FlowMark) -> PacketOutcome {
        let observed = policy.mode == .observe && denial.reason.isWaivedByObserve
        let decision = Decision(stage: .flow, agent: agent, denial: denial, observed: observed)
        return observed ? .pass(mark, decision) : .refuse(decision)
    }

    private func refusal(_ reason: Reason, subject: String) -> Decision {
        Decision(stage: .flow, agent: agent, denial: Denial(reason: reason, subject: subject))
    }

    private static func text(_ address: IPAddress, _ port: UInt16) -> String {
        address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}

package import Policy
package import WireFormats

/// Judges the first packets of flows, and every DNS query.
///
///     datagram to port 53 ─▶ NameGuard ─▶ answered REFUSED │ asked of a resolver ─▶ answer filtered, pinned, released
///     TCP SYN ─▶ explicit address rule? ─▶ direct
///             └▶ to port 53? ─▶ intercepted: its queries come to NameGuard over a stream
///             └▶ pinned to a name whose rule covers the port? ─▶ intercepted │ judged by its ClientHello, then direct
///             └▶ refused, with the link of the chain that broke
///     segment of a flow that is judged ─▶ HelloGate
///     datagram to an uninspected host ─▶ QUICGate
///     all else ─▶ refused
///
/// Pure: bytes and times in, outcomes out. An accepted SYN allocates nothing, and neither does a question that was
/// answered or refused before.
package struct PacketPlane: ~Copyable {
    private let agent: AgentID
    private let policy: CompiledPolicy
    private var names: NameGuard
    /// Some agent has dialled port 53, so that queries may come over a stream. Never false again.
    package private(set) var expectsStreams = false
    /// Absent where flows cannot be forwarded unread: all are intercepted then.
    private var hellos: HelloGate?
    /// Absent where QUIC is refused.
    private var quic: QUICGate?

    /// - Parameters:
    ///   - forwards: whether the kernel forwards flows marked ``FlowMark/direct``, and hands over every packet of both
    ///     directions of those marked ``FlowMark/judging``.
    ///   - opener: reads the first packets of QUIC; without one all QUIC is refused.
    package init(
        agent: AgentID, policy: CompiledPolicy, forwards: Bool = false, opener: (any QUICInitialOpener)? = nil
    ) {
        self.agent = agent
        self.policy = policy
        names = NameGuard(agent: agent, policy: policy, forwards: forwards && opener != nil)
        hellos = forwards ? HelloGate(agent: agent, policy: policy) : nil
        quic = forwards ? opener.map { QUICGate(agent: agent, policy: policy, opener: $0) } : nil
    }

    /// Judges one packet.
    ///
    /// - Parameters:
    ///   - bytes: from the IP header on.
    ///   - queued: the packet's number in the queue.
    ///   - identifier: a fresh random number, for a question to a resolver.
    ///   - answers: takes the answer's packet at its end. Nothing else in it is touched, so that it may hold a batch.
    package mutating func packet(
        _ bytes: Span<UInt8>, queuedAs queued: UInt32, pins: borrowing PinTable, identifier: UInt16, at now: Timestamp,
        answers: inout [UInt8]
    ) -> PacketOutcome {
        guard let packet = IPPacket(bytes), !packet.isFragment else {
            return .drop(refusal(.ipMalformed, subject: "a packet of \(bytes.count) bytes"))
        }
        guard !packet.hasRoute else {
            return .refuse(refusal(.ipMalformed, subject: "\(packet.destination), by a route of the sender's"))
        }
        let payload = bytes.extracting(packet.payload)
        switch packet.transport {
        case 17:
            guard let header = UDPHeader(payload) else {
                return .drop(refusal(.ipMalformed, subject: packet.destination.description))
            }
            if header.destinationPort == 53 {
                return datagram(
                    names.query(
                        payload.extracting(header.payload),
                        path: .datagram(
                            agentAddress: packet.source, agentPort: header.sourcePort,
                            serverAddress: packet.destination),
                        identifier: identifier, at: now, answers: &answers))
            }
            let key = FlowKey(packet, sourcePort: header.sourcePort, destinationPort: header.destinationPort)
            let datagram = payload.extracting(header.payload)
            if let outcome = quic?.datagram(key, datagram, queuedAs: queued, pins: pins, at: now) { return outcome }
            let isDNS = EncryptedDNSPort.isDatagram(header.destinationPort)
            return .refuse(
                refusal(
                    isDNS ? .dnsEncrypted : .ipProtocolNotAllowed,
                    subject: "\(Self.text(packet.destination, header.destinationPort))/udp"))
        case 6:
            guard let header = TCPHeader(payload) else {
                return .drop(refusal(.ipMalformed, subject: packet.destination.description))
            }
            let key = FlowKey(packet, sourcePort: header.sourcePort, destinationPort: header.destinationPort)
            if let outcome = hellos?.segment(key, header, payload, queuedAs: queued, pins: pins, at: now) { return outcome }
            guard header.opensConnection else {
                return .drop(refusal(.ipMalformed, subject: packet.destination.description))
            }
            let outcome = connection(to: packet.destination, port: header.destinationPort, pins: pins, at: now)
            if case .pass(.judging, nil) = outcome { return hellos?.open(key, header, payload, at: now) ?? outcome }
            return outcome
        default:
            return .refuse(
                refusal(.ipProtocolNotAllowed, subject: "\(packet.destination), protocol \(packet.transport)"))
        }
    }

    /// Judges one query of a stream that was intercepted.
    ///
    /// - Parameters:
    ///   - stream: names the query in the reply.
    ///   - identifier: as above.
    package mutating func streamQuery(
        _ bytes: Span<UInt8>, stream: UInt64, identifier: UInt16, at now: Timestamp
    ) -> NameOutcome {
        var none: [UInt8] = []
        return names.query(bytes, path: .stream(stream), identifier: identifier, at: now, answers: &none)
    }

    private func datagram(_ outcome: NameOutcome) -> PacketOutcome {
        switch outcome {
        case .reply(.packet, let decision): .answer(decision)
        case .reply(.message, let decision), .drop(let decision): .drop(decision)
        case .ask(let question): .ask(question)
        }
    }

    /// A resolver's answer to `token`.
    ///
    /// - Parameter answers: as above.
    package mutating func resolverAnswered(
        _ bytes: Span<UInt8>, token: UInt32, pins: inout PinTable, at now: Timestamp, answers: inout [UInt8]
    ) -> ResolverOutcome {
        names.resolverAnswered(bytes, token: token, pins: &pins, at: now, answers: &answers)
    }

    /// No answer came in time, or the resolver cannot be reached.
    package mutating func resolverFailed(token: UInt32, detail: String, answers: inout [UInt8]) -> ResolverOutcome {
        names.resolverFailed(token: token, detail: detail, answers: &answers)
    }

    /// Whether ``expire(at:)`` is to be called every quarter of a second.
    package var isJudging: Bool { !(hellos?.isIdle ?? true) || !(quic?.isIdle ?? true) }

    /// Ends the flows that were not judged in time.
    package mutating func expire(at now: Timestamp) -> [FlowSettlement] {
        (hellos?.expire(at: now) ?? []) + (quic?.expire(at: now) ?? [])
    }

    /// Takes back the acceptance of a flow, which could not be recorded.
    ///
    /// - Returns: the numbers of packets that wait for it still, to be dropped.
    package mutating func withdraw(_ flow: FlowKey, at now: Timestamp) -> [UInt32] {
        flow.transport == 6 ? hellos?.withdraw(flow, at: now) ?? [] : quic?.withdraw(flow) ?? []
    }

    private mutating func connection(
        to address: IPAddress, port: UInt16, pins: borrowing PinTable, at now: Timestamp
    ) -> PacketOutcome {
        if let approved = policy.addressApproval(address, port: port) {
            return .pass(
                .direct,
                Decision(
                    stage: .flow, action: .allow, agent: agent, subject: Self.text(address, port),
                    origin: approved.origin))
        }
        if port == 53 {
            expectsStreams = true
            return .pass(.intercepted, nil)
        }
        var byName: Denial?
        var isUninspected = false
        let mayForward = hellos != nil && port != 80
        let isInspected = pins.contains(address, for: agent, at: now) { name in
            switch policy.flowVerdict(host: name, address: address, port: port) {
            case .allow(let approved) where mayForward && approved.inspection == .sni:
                isUninspected = true
                return false
            case .allow: return true
            case .deny(let denial):
                byName = byName ?? denial
                return false
            }
        }
        // The proxy tells apart the names of an address that has both.
        if isInspected { return .pass(.intercepted, nil) }
        if isUninspected { return .pass(.judging, nil) }
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

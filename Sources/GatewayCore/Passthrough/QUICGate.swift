internal import Policy
internal import WireFormats

/// The UDP flows whose QUIC ClientHello is judged in the packet queue, and what is held for them.
///
/// Everything else on UDP is refused by whoever asks here, so that clients fall back to TCP at once.
struct QUICGate: Sendable {
    private let judge: HelloJudge
    private let opener: any QUICInitialOpener
    private var flows: [FlowKey: QUICFlow] = [:]
    /// Packets held for all flows.
    private var held = 0

    init(agent: AgentID, policy: CompiledPolicy, opener: any QUICInitialOpener) {
        judge = HelloJudge(agent: agent, policy: policy)
        self.opener = opener
    }

    /// Whether there is anything that ``expire(at:)`` could find.
    var isIdle: Bool { flows.isEmpty }

    /// A datagram, of the agent or of a server that answers it.
    ///
    /// - Returns: `nil` when it is to an address or port that no uninspected host's rule opens.
    mutating func datagram(
        _ key: FlowKey, _ bytes: Span<UInt8>, queuedAs packet: UInt32, pins: borrowing PinTable, at now: Timestamp
    ) -> PacketOutcome? {
        if flows[key] == nil {
            // The server can only answer what was accepted.
            if flows[key.reversed] != nil { return .pass(.direct, nil) }
            guard isOpen(key, pins: pins, at: now) else { return nil }
        }
        var flow = flows[key] ?? QUICFlow(at: now)
        let step = flow.agentSent(bytes, queuedAs: packet, mayHold: held < Limits.heldPackets, opener: opener, at: now)
        let before = flows[key]?.held.count ?? 0
        switch step {
        case .pass, .drop, .hold:
            guard keep(flow, key) else { return full(key) }
            held += flow.held.count - before
            return step == .hold ? .hold : step == .pass ? .pass(.direct, nil) : .drop(nil)
        case .refuse(let reason, let detail):
            return refuse(flow, key, packet, before: before, judge.refusal(reason, of: key, detail: detail))
        case .judge(let hello, let connection):
            switch judge.judge(hello, of: key, pins: pins, at: now) {
            case .refuse(let decision): return refuse(flow, key, packet, before: before, decision)
            case .accept(let decision):
                let released = flow.accept(connection, at: now)
                guard keep(flow, key) else { return full(key) }
                held += flow.held.count - before
                return .settle(
                    FlowSettlement(
                        flow: key, decision: decision, verdicts: released.map { .init(packet: $0, mark: .direct) }))
            }
        }
    }

    /// As for a TCP flow: every name that opens the port must be of an uninspected host.
    private func isOpen(_ key: FlowKey, pins: borrowing PinTable, at now: Timestamp) -> Bool {
        var isUninspected = false
        let isInspected = pins.contains(key.serverAddress, for: judge.agent, at: now) { name in
            guard case .allow(let approved) = judge.policy.flowVerdict(
                host: name, address: key.serverAddress, port: key.serverPort)
            else { return false }
            isUninspected = isUninspected || approved.inspection == .sni
            return approved.inspection != .sni
        }
        return isUninspected && !isInspected
    }

    /// - Returns: false when there are too many flows for one more.
    private mutating func keep(_ flow: QUICFlow, _ key: FlowKey) -> Bool {
        if flows[key] == nil {
            // What left no trace need not be remembered.
            if flow.connections.isEmpty { return true }
            guard flows.count < Limits.judgedFlows else { return false }
        }
        flows[key] = flow
        return true
    }

    private func full(_ key: FlowKey) -> PacketOutcome {
        .refuse(judge.refusal(.ipTooManyFlows, of: key, detail: "too many flows wait for their ClientHello"))
    }

    private mutating func refuse(
        _ flow: QUICFlow, _ key: FlowKey, _ packet: UInt32, before: Int, _ decision: Decision
    ) -> PacketOutcome {
        var flow = flow
        let dropped = flow.refuse()
        held -= before
        flows[key] = flow.connections.isEmpty ? nil : flow
        return .settle(settlement(dropped, key, refusing: packet, decision))
    }

    private func settlement(
        _ held: [UInt32], _ key: FlowKey, refusing last: UInt32, _ decision: Decision
    ) -> FlowSettlement {
        var settlement = FlowSettlement(flow: key, decision: decision)
        for packet in held where packet != last { settlement.verdicts.append(.init(packet: packet, mark: nil)) }
        settlement.verdicts.append(.init(packet: last, mark: .refused))
        return settlement
    }

    /// Forgets a flow whose acceptance could not be recorded, and drops what waits for another of its connections.
    mutating func withdraw(_ key: FlowKey) -> [UInt32] {
        let left = flows.removeValue(forKey: key)?.held ?? []
        held -= left.count
        return left
    }

    /// Ends the flows whose time is over: refused where something is held, forgotten where the handshake is done.
    mutating func expire(at now: Timestamp) -> [FlowSettlement] {
        var settlements: [FlowSettlement] = []
        for (key, flow) in flows where flow.deadline <= now {
            flows[key] = nil
            let waiting = flow.held
            held -= waiting.count
            guard let last = waiting.last else { continue }
            let decision = judge.refusal(
                .tlsMalformedHello, of: key, detail: "not whole within \(Limits.judgingSeconds) seconds")
            settlements.append(settlement(waiting, key, refusing: last, decision))
        }
        return settlements
    }
}

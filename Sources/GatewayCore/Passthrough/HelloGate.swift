internal import Policy
internal import WireFormats

/// The TCP flows whose ClientHello is judged in the packet queue, and what is held for them.
struct HelloGate: Sendable {
    private let judge: HelloJudge
    private var flows: [FlowKey: HelloFlow] = [:]
    /// Packets held for all flows.
    private var held = 0

    init(agent: AgentID, policy: CompiledPolicy) {
        judge = HelloJudge(agent: agent, policy: policy)
    }

    /// Whether there is anything that ``expire(at:)`` could find.
    var isIdle: Bool { flows.isEmpty }

    /// A SYN that the policy lets through to be judged by its hello.
    mutating func open(_ key: FlowKey, _ header: TCPHeader, _ segment: Span<UInt8>, at now: Timestamp) -> PacketOutcome {
        guard HelloFlow.canOpen(header, segment) else { return .drop(nil) }
        guard flows.count < Limits.judgedFlows else {
            return .refuse(judge.refusal(.ipTooManyFlows, of: key, detail: "too many flows wait for their ClientHello"))
        }
        flows[key] = HelloFlow(initial: header.sequence, at: now)
        return .pass(.judging, nil)
    }

    /// A segment of a flow that is known here, from either side.
    ///
    /// - Returns: `nil` when it is of none, or opens one anew.
    mutating func segment(
        _ key: FlowKey, _ header: TCPHeader, _ segment: Span<UInt8>, queuedAs packet: UInt32, pins: borrowing PinTable,
        at now: Timestamp
    ) -> PacketOutcome? {
        if let index = flows.index(forKey: key) {
            let before = flows.values[index].heldCount
            let step = flows.values[index].agentSent(
                header, segment, queuedAs: packet, mayHold: held < Limits.heldPackets, at: now)
            held += flows.values[index].heldCount - before
            return carryOut(step, of: key, packet, pins: pins, at: now)
        }
        if let index = flows.index(forKey: key.reversed) {
            let step = flows.values[index].serverSent(header, at: now)
            return carryOut(step, of: key.reversed, packet, pins: pins, at: now)
        }
        return nil
    }

    private mutating func carryOut(
        _ step: HelloFlow.Step, of key: FlowKey, _ packet: UInt32, pins: borrowing PinTable, at now: Timestamp
    ) -> PacketOutcome? {
        switch step {
        case .pass(let mark): return .pass(mark, nil)
        case .hold: return .hold
        case .drop: return .drop(nil)
        case .reopen:
            _ = close(key, at: now)
            flows[key] = nil
            return nil
        case .end:
            let ending = close(key, at: now)
            if ending.held.isEmpty { return .pass(.judging, nil) }
            return .settle(settlement(key, ending, then: (packet, .judging), decision: nil, resets: false))
        case .resetServer(let sequence):
            var settlement = FlowSettlement(flow: key, verdicts: [.init(packet: packet, mark: nil)])
            reset(&settlement, toServer: sequence, acknowledging: nil)
            return .settle(settlement)
        case .refuse(let reason, let detail):
            let decision = reason.map { judge.refusal($0, of: key, detail: detail) }
            return refuse(key, packet, decision, at: now)
        case .judge(let hello):
            switch judge.judge(hello, of: key, pins: pins, at: now) {
            case .refuse(let decision): return refuse(key, packet, decision, at: now)
            case .accept(let decision):
                let released = flows[key]?.accept(at: now) ?? []
                held -= released.count
                return .settle(
                    FlowSettlement(
                        flow: key, decision: decision, verdicts: released.map { .init(packet: $0, mark: .judging) }))
            }
        }
    }

    private mutating func refuse(
        _ key: FlowKey, _ packet: UInt32, _ decision: Decision?, at now: Timestamp
    ) -> PacketOutcome {
        let ending = close(key, at: now)
        return .settle(settlement(key, ending, then: (packet, .refused), decision: decision, resets: true))
    }

    private mutating func close(_ key: FlowKey, at now: Timestamp) -> HelloFlow.Ending {
        let ending = flows[key]?.close(at: now) ?? HelloFlow.Ending(isOpen: false)
        held -= ending.held.count
        return ending
    }

    /// - Parameter present: the packet that led to it, which may be among those held.
    private func settlement(
        _ key: FlowKey, _ ending: HelloFlow.Ending, then present: (packet: UInt32, mark: FlowMark), decision: Decision?,
        resets: Bool
    ) -> FlowSettlement {
        var settlement = FlowSettlement(flow: key, decision: decision)
        for packet in ending.held where packet != present.packet {
            settlement.verdicts.append(.init(packet: packet, mark: nil))
        }
        settlement.verdicts.append(.init(packet: present.packet, mark: present.mark))
        if resets, let next = ending.agentNext { reset(&settlement, toServer: next, acknowledging: ending.serverNext) }
        return settlement
    }

    private func reset(_ settlement: inout FlowSettlement, toServer sequence: UInt32, acknowledging number: UInt32?) {
        let key = settlement.flow
        if let packet = TCPReset.packet(
            from: key.agentAddress, port: key.agentPort, to: key.serverAddress, port: key.serverPort,
            sequence: sequence, acknowledgement: number)
        {
            settlement.packets.append(packet)
        }
    }

    /// Forgets a flow whose acceptance could not be recorded.
    mutating func withdraw(_ key: FlowKey, at now: Timestamp) -> [UInt32] { close(key, at: now).held }

    /// Ends the flows whose time is over: those that never showed a whole hello, and those whose server never
    /// acknowledged it.
    mutating func expire(at now: Timestamp) -> [FlowSettlement] {
        var settlements: [FlowSettlement] = []
        for (key, flow) in flows where flow.deadline <= now {
            let ending = close(key, at: now)
            flows[key] = nil
            guard ending.isOpen, let agentNext = ending.agentNext, let serverNext = ending.serverNext else { continue }
            let decision = ending.isAccepted ? nil : lateness(of: key, hasBytes: ending.hasBytes)
            if let last = ending.held.last {
                settlements.append(settlement(key, ending, then: (last, .refused), decision: decision, resets: true))
                continue
            }
            // No packet of the agent's is at hand that the kernel could answer.
            var settlement = FlowSettlement(flow: key, decision: decision)
            reset(&settlement, toServer: agentNext, acknowledging: serverNext)
            if let packet = TCPReset.packet(
                from: key.serverAddress, port: key.serverPort, to: key.agentAddress, port: key.agentPort,
                sequence: serverNext, acknowledgement: agentNext)
            {
                settlement.packets.append(packet)
            }
            settlements.append(settlement)
        }
        return settlements
    }

    private func lateness(of key: FlowKey, hasBytes: Bool) -> Decision? {
        if hasBytes {
            return judge.refusal(.tlsMalformedHello, of: key, detail: "not whole within \(Limits.judgingSeconds) seconds")
        }
        // Whoever observes wants to hear of traffic, not of its absence.
        return judge.policy.mode == .enforce ? judge.refusal(.flowNoFirstBytes, of: key, detail: nil) : nil
    }
}

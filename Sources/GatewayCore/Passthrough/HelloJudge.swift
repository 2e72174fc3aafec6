internal import Policy
internal import WireFormats

/// Judges the ClientHello of a flow that goes on in the kernel when it is accepted: the identity chain up to the server
/// name, and that the policy asks for no closer look.
struct HelloJudge: Sendable {
    let agent: AgentID
    let policy: CompiledPolicy

    enum Verdict: Hashable, Sendable {
        case accept(Decision)
        case refuse(Decision)
    }

    func judge(_ hello: ClientHello, of flow: FlowKey, pins: borrowing PinTable, at now: Timestamp) -> Verdict {
        let (address, port) = (flow.serverAddress, flow.serverPort)
        let chain = FlowGuard(agent: agent, address: address, port: port, policy: policy)
        switch chain.judge(hello, isPinned: { name in pins.contains(address, for: agent, at: now) { $0 == name } }) {
        case .refuse(_, _, let decision):
            return .refuse(decision)
        case .accept(_, let decision?):
            return .accept(decision)
        case .accept(let name, nil):
            // Resolved to this address since the flow was opened; one that is opened now is intercepted.
            let denial = Denial(reason: .tlsSNIMismatch, subject: "\(name) at \(flow.destination)")
            return .refuse(Decision(stage: .tls, agent: agent, denial: denial, detail: "an inspected host: connect again"))
        case .relay(let name, let decision):
            // Asked with the address: a rule may deny it for this name's flows.
            guard case .deny(let denial) = policy.flowVerdict(host: name, address: address, port: port) else {
                return .accept(decision)
            }
            let isObserved = policy.mode == .observe && denial.reason.isWaivedByObserve
            let observed = Decision(stage: .tls, agent: agent, denial: denial, observed: isObserved)
            return isObserved ? .accept(observed) : .refuse(observed)
        }
    }

    func refusal(_ reason: Reason, of flow: FlowKey, detail: String?) -> Decision {
        let denial = Denial(reason: reason, subject: flow.destination)
        let stage: Decision.Stage = reason.group == "tls" ? .tls : .flow
        return Decision(stage: stage, agent: agent, denial: denial, detail: detail)
    }
}

internal import GatewayCore
internal import LinuxKernel
internal import Policy
internal import Synchronization

/// A recorder in front of another that keeps a flood of refusals from filling the log.
final class FloodGuardedLog: RecordSink {
    private let log: any RecordSink
    private let budget = Mutex(RefusalBudget())

    init(_ log: any RecordSink) {
        self.log = log
    }

    func record(_ decision: Decision) throws {
        if decision.action != .deny { return try log.record(decision) }
        var kept: [Decision] = []
        keep(decision, in: &kept)
        if !kept.isEmpty { try log.record(kept) }
    }

    func record(_ decisions: [Decision]) throws {
        if decisions.allSatisfy({ $0.action != .deny }) { return try log.record(decisions) }
        var kept: [Decision] = []
        for decision in decisions { keep(decision, in: &kept) }
        if !kept.isEmpty { try log.record(kept) }
    }

    private func keep(_ decision: Decision, in kept: inout [Decision]) {
        guard decision.action == .deny else { return kept.append(decision) }
        let now = Timestamp(nanoseconds: MonotonicClock.nanoseconds)
        switch budget.withLock({ $0.take(at: now) }) {
        case .suppress:
            return
        case .log(let suppressed):
            if suppressed > 0 {
                let denial = Denial(reason: .recorderFlooded, subject: "\(suppressed) refusals")
                kept.append(Decision(stage: decision.stage, agent: decision.agent, denial: denial))
            }
            kept.append(decision)
        }
    }
}

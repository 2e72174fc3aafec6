package import GatewayCore
internal import LinuxKernel
internal import Policy
internal import Synchronization

/// A recorder in front of another that keeps a flood of refusals from filling the log.
package final class FloodGuardedLog: RecordSink {
    private let log: any RecordSink
    private let budget = Mutex(RefusalBudget())
    /// Memory for the part of a batch that is written.
    private let spare = Mutex<[Decision]>([])

    package init(_ log: any RecordSink) {
        self.log = log
    }

    package func record(_ decision: Decision) throws {
        switch take(decision) {
        case .suppress: return
        case .log(0): try log.record(decision)
        case .log(let suppressed): try log.record([Self.flood(suppressed, before: decision), decision])
        }
    }

    /// Copies nothing while all of them are written.
    package func record(_ decisions: [Decision]) throws {
        var kept: [Decision] = []
        var isPart = false
        for (index, decision) in decisions.enumerated() {
            let outcome = take(decision)
            if outcome != .log(afterSuppressed: 0), !isPart {
                isPart = true
                kept = takeSpare()
                kept.append(contentsOf: decisions[..<index])
            }
            guard isPart, case .log(let suppressed) = outcome else { continue }
            if suppressed > 0 { kept.append(Self.flood(suppressed, before: decision)) }
            kept.append(decision)
        }
        guard isPart else { return try log.record(decisions) }
        defer {
            kept.removeAll(keepingCapacity: true)
            giveBack(kept)
        }
        if !kept.isEmpty { try log.record(kept) }
    }

    /// In a flood the same memory serves each batch. It is taken out, so that nobody waits while another one writes.
    private func takeSpare() -> [Decision] {
        spare.withLock { spare in
            defer { spare = [] }
            return spare
        }
    }

    private func giveBack(_ memory: consuming [Decision]) {
        let memory = memory
        spare.withLock { $0 = memory }
    }

    /// What is allowed is always logged, and what the kill switch does; neither takes any of the budget.
    private func take(_ decision: Decision) -> RefusalBudget.Outcome {
        guard decision.action == .deny, decision.stage != .kill else { return .log(afterSuppressed: 0) }
        return budget.withLock { $0.take(at: Timestamp(nanoseconds: MonotonicClock.nanoseconds)) }
    }

    /// - Parameter suppressed: refusals that went unlogged.
    private static func flood(_ suppressed: Int, before decision: Decision) -> Decision {
        let denial = Denial(reason: .recorderFlooded, subject: "\(suppressed) refusals")
        return Decision(stage: decision.stage, agent: decision.agent, denial: denial)
    }
}

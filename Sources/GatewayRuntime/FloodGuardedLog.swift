package import GatewayCore
internal import LinuxKernel
internal import Policy
internal import Synchronization

/// A recorder in front of another that keeps a flood of refusals from filling the log.
package final class FloodGuardedLog: RecordSink {
    private let log: any RecordSink
    private let budget = Mutex(RefusalBudget())

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

    /// Copies nothing while all of them are written, or none.
    package func record(_ decisions: [Decision]) throws {
        var kept: [Decision]?
        for (index, decision) in decisions.enumerated() {
            switch take(decision) {
            case .suppress:
                if kept == nil { kept = Self.copy(decisions, upTo: index) }
            case .log(0):
                kept?.append(decision)
            case .log(let suppressed):
                if kept == nil { kept = Self.copy(decisions, upTo: index) }
                kept?.append(Self.flood(suppressed, before: decision))
                kept?.append(decision)
            }
        }
        guard let kept else { return try log.record(decisions) }
        if !kept.isEmpty { try log.record(kept) }
    }

    /// With room for the rest, and a line on those that are left out.
    private static func copy(_ decisions: [Decision], upTo end: Int) -> [Decision] {
        var copy: [Decision] = []
        copy.reserveCapacity(decisions.count + 1)
        copy += decisions[..<end]
        return copy
    }

    /// What is allowed is always logged, and takes none of the budget.
    private func take(_ decision: Decision) -> RefusalBudget.Outcome {
        guard decision.action == .deny else { return .log(afterSuppressed: 0) }
        return budget.withLock { $0.take(at: Timestamp(nanoseconds: MonotonicClock.nanoseconds)) }
    }

    /// - Parameter suppressed: refusals that went unlogged.
    private static func flood(_ suppressed: Int, before decision: Decision) -> Decision {
        let denial = Denial(reason: .recorderFlooded, subject: "\(suppressed) refusals")
        return Decision(stage: decision.stage, agent: decision.agent, denial: denial)
    }
}

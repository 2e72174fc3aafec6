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
        guard decision.action == .deny else { return try log.record(decision) }
        let now = Timestamp(nanoseconds: MonotonicClock.nanoseconds)
        switch budget.withLock({ $0.take(at: now) }) {
        case .suppress:
            return
        case .log(let suppressed):
            if suppressed > 0 {
                let denial = Denial(reason: .recorderFlooded, subject: "\(suppressed) refusals")
                try log.record(Decision(stage: decision.stage, agent: decision.agent, denial: denial))
            }
            try log.record(decision)
        }
    }
}

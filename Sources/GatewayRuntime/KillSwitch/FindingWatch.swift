internal import GatewayCore
internal import LinuxKernel
internal import Policy
internal import Synchronization

/// A recorder in front of another: counts critical findings, and notices when nothing can be recorded any more.
final class FindingWatch: RecordSink {
    private let log: any RecordSink
    private let rules: KillSwitchRules
    private let orders: SealOrders
    private let windows = Mutex<[AgentID: FindingWindow]>([:])
    private let hasFailed = Atomic(false)

    init(_ log: any RecordSink, rules: KillSwitchRules, orders: SealOrders) {
        self.log = log
        self.rules = rules
        self.orders = orders
    }

    func record(_ decision: Decision) throws {
        count(decision)
        do {
            try log.record(decision)
            recovered()
        } catch {
            sealAll(error)
            throw error
        }
    }

    func record(_ decisions: [Decision]) throws {
        for decision in decisions { count(decision) }
        do {
            try log.record(decisions)
            recovered()
        } catch {
            sealAll(error)
            throw error
        }
    }

    private func count(_ decision: Decision) {
        guard let threshold = rules.criticalFindings, decision.severity == .critical else { return }
        let outcome = windows.withLock { windows in
            windows[decision.agent, default: FindingWindow(threshold)].add(
                at: Timestamp(nanoseconds: MonotonicClock.nanoseconds))
        }
        guard outcome == .reached else { return }
        let last = decision.reason.map { ", the last one \($0.rawValue) for \(decision.subject)" } ?? ""
        orders.post(
            .seal(
                decision.agent,
                SealCause(
                    .criticalFindings, reason: "\(threshold.count) within \(threshold.seconds)s\(last)",
                    at: MonotonicClock.wallNanoseconds)))
    }

    private func recovered() {
        if hasFailed.load(ordering: .relaxed) { hasFailed.store(false, ordering: .relaxed) }
    }

    /// Once until recording goes on: the traffic that cannot be recorded fails packet by packet.
    private func sealAll(_ error: any Error) {
        guard rules.recorderFailure, !hasFailed.exchange(true, ordering: .relaxed) else { return }
        orders.post(.seal(nil, SealCause(.recorderFailed, reason: "\(error)", at: MonotonicClock.wallNanoseconds)))
    }
}

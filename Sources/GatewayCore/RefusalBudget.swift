/// How many refusals are logged, so that an agent cannot fill a disk by being refused: a token bucket.
///
/// Refusals past it are carried out all the same, and counted; what is allowed is always logged.
package struct RefusalBudget: Sendable {
    private var tokens = Limits.loggedRefusalsBurst
    private var refilledAt: Timestamp?
    /// Refusals since the last one that was logged.
    private var suppressed = 0

    package init() {}

    /// What to do with one more refusal.
    package enum Outcome: Hashable, Sendable {
        /// Log it, and before it how many went unlogged, if any did.
        case log(afterSuppressed: Int)
        case suppress
    }

    package mutating func take(at now: Timestamp) -> Outcome {
        if let last = refilledAt {
            let nanosecondsEach = 1_000_000_000 / UInt64(Limits.loggedRefusalsPerSecond)
            let earned = now.nanoseconds > last.nanoseconds ? (now.nanoseconds - last.nanoseconds) / nanosecondsEach : 0
            if earned > 0 {
                tokens = Int(min(UInt64(Limits.loggedRefusalsBurst), UInt64(tokens) + earned))
                refilledAt = now
            }
        } else {
            refilledAt = now
        }
        guard tokens > 0 else {
            suppressed += 1
            return .suppress
        }
        tokens -= 1
        defer { suppressed = 0 }
        return .log(afterSuppressed: suppressed)
    }
}

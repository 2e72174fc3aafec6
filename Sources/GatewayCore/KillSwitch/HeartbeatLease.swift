/// The dead man's switch: a time that is over unless somebody renews it.
///
/// It runs from the service's start, so that a service nobody looks after seals its agents. A lease that is lost can be
/// renewed, which lifts no seal.
package struct HeartbeatLease: Sendable {
    /// The policy's `heartbeat_lost`, the longest that a renewal can last.
    private let seconds: UInt64
    /// When it was last renewed.
    private var renewedAt: Timestamp
    /// From here on it is lost.
    package private(set) var deadline: Timestamp

    /// - Parameter seconds: of the policy.
    package init(seconds: UInt64, startedAt now: Timestamp) {
        self.seconds = seconds
        renewedAt = now
        deadline = now.advanced(bySeconds: seconds)
    }

    package func isLost(at now: Timestamp) -> Bool { now >= deadline }

    /// Starts it over.
    ///
    /// - Parameter shorter: seconds until the next renewal is due, for who renews more often and wants to be missed sooner; at
    ///   least one, and never more than the policy's.
    /// - Returns: the new deadline. It may come before the old one, when this lease is the shorter.
    @discardableResult
    package mutating func renew(forSeconds shorter: UInt64? = nil, at now: Timestamp) -> Timestamp {
        // A clock that goes back must not take time off a lease that was just renewed.
        renewedAt = max(renewedAt, now)
        deadline = renewedAt.advanced(bySeconds: min(max(shorter ?? seconds, 1), seconds))
        return deadline
    }
}

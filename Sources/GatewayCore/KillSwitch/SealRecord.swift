/// What is known of a seal: whom it holds, and why. It outlives the service; only who raises the seal removes it.
///
/// The first cause is the one that counts. What came after it is kept as far as there is room, and then counted, so that
/// nothing that goes on happening makes the record grow.
package struct SealRecord: Hashable, Sendable {
    /// The agent's name in the policy.
    package let agent: String
    package private(set) var cause: SealCause
    /// What would have sealed it, too, oldest first; at most ``Limits/laterSealCauses``.
    package private(set) var later: [SealCause] = []
    /// Causes that there was no room for.
    package private(set) var omittedCount: UInt64 = 0

    package init(agent: String, cause: SealCause) {
        self.agent = agent
        self.cause = cause
    }

    /// Adds what happened after what is there.
    ///
    /// - Returns: whether the record says more than it did; a count does not.
    @discardableResult
    package mutating func add(_ other: SealCause) -> Bool {
        guard other != cause, !later.contains(other) else { return false }
        if cause.code == .unknown {
            cause = other
            return true
        }
        guard other.code != .unknown else { return false }
        guard later.count < Limits.laterSealCauses else {
            omittedCount = omittedCount == .max ? .max : omittedCount + 1
            return false
        }
        later.append(other)
        return true
    }

    /// Joins a record of the same seal that somebody else wrote, which was first: `drop` writes one beside the service.
    ///
    /// - Returns: `existing` with what only this one knows added; written in its place, nothing is lost.
    package func joined(to existing: SealRecord) -> SealRecord {
        var result = existing
        for cause in [cause] + later { result.add(cause) }
        result.omittedCount = max(omittedCount, result.omittedCount)
        return result
    }

    /// What was counted when the record was written.
    mutating func setOmitted(_ count: UInt64) { omittedCount = count }
}

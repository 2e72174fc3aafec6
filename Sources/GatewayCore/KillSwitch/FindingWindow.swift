package import Policy

/// Counts one agent's critical findings, and tells when there were too many in too short a time.
///
/// Keeps the times of the last ones, as many as it takes; when they are reached they are forgotten, so that an agent that
/// was raised starts anew.
package struct FindingWindow: Sendable {
    /// What one more finding led to.
    package enum Outcome: Hashable, Sendable {
        /// So many within the time, this one among them.
        case counted(Int)
        case reached
    }

    private let threshold: FindingThreshold
    private let nanoseconds: UInt64
    /// Never one later than the next; at most one less than the threshold.
    private var times: [Timestamp] = []
    /// Where the oldest is, once there is no room for one more.
    private var oldest = 0

    package init(_ threshold: FindingThreshold) {
        self.threshold = threshold
        let (product, overflow) = threshold.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        nanoseconds = overflow ? .max : product
    }

    /// Counts a finding. Findings exactly as far apart as the time is long are within it.
    ///
    /// - Parameter now: of the monotonic clock; what seems earlier than a finding before it counts as at the same moment.
    package mutating func add(at now: Timestamp) -> Outcome {
        let room = max(threshold.count, 1) - 1
        guard room > 0 else { return .reached }
        let newest = times.isEmpty ? now : times[(oldest + times.count - 1) % times.count]
        let now = max(now, newest)
        if times.count == room, isWithin(times[oldest], now) {
            times.removeAll(keepingCapacity: true)
            oldest = 0
            return .reached
        }
        if times.count < room {
            times.append(now)
        } else {
            times[oldest] = now
            oldest = (oldest + 1) % room
        }
        return .counted(times.count { isWithin($0, now) })
    }

    private func isWithin(_ time: Timestamp, _ now: Timestamp) -> Bool { now.nanoseconds - time.nanoseconds <= nanoseconds }
}

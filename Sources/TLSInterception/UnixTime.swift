/// A moment as whole seconds since 1970-01-01 00:00:00 UTC. Nothing in this target asks the clock: callers say what time it is.
package struct UnixTime: Comparable, Hashable, Sendable {
    package let seconds: Int64

    package init(seconds: Int64) {
        self.seconds = seconds
    }

    package static func < (left: UnixTime, right: UnixTime) -> Bool { left.seconds < right.seconds }

    package static func + (time: UnixTime, seconds: Int64) -> UnixTime { UnixTime(seconds: time.seconds &+ seconds) }

    package static func - (time: UnixTime, seconds: Int64) -> UnixTime { UnixTime(seconds: time.seconds &- seconds) }
}

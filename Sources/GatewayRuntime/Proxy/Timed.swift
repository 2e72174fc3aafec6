internal import GatewayCore

/// A connection that may wait only so long. Confined to its event loop.
protocol Timed: AnyObject {
    var deadline: Timestamp { get }
    func deadlinePassed()
}

extension Timestamp {
    /// No deadline.
    static let never = Timestamp(nanoseconds: .max)
}

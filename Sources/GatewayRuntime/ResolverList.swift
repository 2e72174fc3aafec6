internal import LinuxKernel
internal import Policy
internal import Synchronization

/// Whom to ask for a policy's names, now: the host's configuration may change while a gateway runs, or come after it.
final class ResolverList: Sendable {
    private struct State {
        var addresses: [SocketAddress]
        var stamp: FileText.Stamp?
        var lookedAt: UInt64 = 0
    }

    private let state: Mutex<State>
    private let followsHost: Bool

    /// How often the host's configuration is looked at, in nanoseconds.
    private static let interval: UInt64 = 1_000_000_000

    /// - Throws: when the host's configuration is asked for and is too large or may not be read; one that is not there yet
    ///   is awaited.
    init(for policy: CompiledPolicy) throws {
        followsHost = policy.resolver == .system
        do {
            state = Mutex(
                State(
                    addresses: try ResolverConfiguration.resolvers(for: policy),
                    stamp: FileText.stamp(ResolverConfiguration.path)))
        } catch let error as SystemCallError where error.isMissingFile {
            state = Mutex(State(addresses: [], stamp: nil))
        }
    }

    /// - Returns: at most three addresses. A configuration that cannot be read leaves the one before in force.
    var current: [SocketAddress] {
        guard followsHost else { return state.withLock(\.addresses) }
        let now = MonotonicClock.nanoseconds
        return state.withLock { state in
            guard now - state.lookedAt >= Self.interval else { return state.addresses }
            state.lookedAt = now
            let stamp = FileText.stamp(ResolverConfiguration.path)
            if stamp != state.stamp, let read = try? ResolverConfiguration.hostResolvers() {
                state.addresses = read
                state.stamp = stamp
            }
            return state.addresses
        }
    }
}

internal import GatewayCore
internal import WireFormats

/// Idle upstream connections of one loop, verified and ready for a request. Never shared between agents: the agent is
/// part of the key, and a loop's pool belongs to one proxy.
final class UpstreamPool {
    struct Key: Hashable {
        var agent: AgentID
        var host: HostName
        var port: UInt16
        var isTLS: Bool
    }

    private var idle: [Key: [UpstreamConnection]] = [:]
    private(set) var count = 0

    /// The connection used last, which is the least likely to have been closed meanwhile.
    func take(_ key: Key) -> UpstreamConnection? {
        guard let connection = idle[key]?.popLast() else { return nil }
        if idle[key]?.isEmpty == true { idle[key] = nil }
        count -= 1
        return connection
    }

    func hasIdle(_ key: Key) -> Bool { idle[key] != nil }

    /// - Returns: false when the pool is full: close the connection instead.
    func keep(_ connection: UpstreamConnection) -> Bool {
        guard count < Limits.idleUpstreams, idle[connection.key, default: []].count < Limits.idleUpstreamsPerHost else {
            return false
        }
        idle[connection.key, default: []].append(connection)
        count += 1
        return true
    }

    func remove(_ connection: UpstreamConnection) {
        guard let index = idle[connection.key]?.firstIndex(where: { $0 === connection }) else { return }
        idle[connection.key]?.remove(at: index)
        if idle[connection.key]?.isEmpty == true { idle[connection.key] = nil }
        count -= 1
    }
}

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

    /// Lists that a busy host has emptied stay, so that taking and keeping a connection makes and frees none.
    private var idle: [Key: [UpstreamConnection]] = [:]
    private(set) var count = 0

    /// The connection used last, which is the least likely to have been closed meanwhile.
    func take(_ key: Key) -> UpstreamConnection? {
        guard let connection = idle[key]?.popLast() else { return nil }
        count -= 1
        return connection
    }

    func hasIdle(_ key: Key) -> Bool { idle[key]?.isEmpty == false }

    /// - Returns: false when the pool is full: close the connection instead.
    func keep(_ connection: UpstreamConnection) -> Bool {
        guard count < Limits.idleUpstreams else { return false }
        if idle.count > Limits.idleUpstreams { idle = idle.filter { !$0.value.isEmpty } }
        let isKept = Self.append(connection, to: &idle[connection.key, default: []])
        if isKept { count += 1 }
        return isKept
    }

    private static func append(_ connection: UpstreamConnection, to list: inout [UpstreamConnection]) -> Bool {
        guard list.count < Limits.idleUpstreamsPerHost else { return false }
        list.append(connection)
        return true
    }

    func remove(_ connection: UpstreamConnection) {
        guard let index = idle[connection.key]?.firstIndex(where: { $0 === connection }) else { return }
        idle[connection.key]?.remove(at: index)
        count -= 1
    }
}

internal import GatewayCore
internal import LinuxKernel
internal import Policy

/// One agent's seal in one network namespace, with every socket that it takes: opened there, and used from anywhere.
final class SealPlace: Sendable {
    let table: SealTable
    let record: AgentRecord.Place
    private let awake: SealSwitch
    private let asleep: SealSwitch
    private let sockets: TCPSockets
    private let flows: Conntrack
    private let reader: SealTableReader

    /// In the thread's network namespace, which must be the place's.
    ///
    /// - Parameter path: where that namespace can be entered by.
    init(_ table: SealTable, path: String) throws {
        self.table = table
        let namespace = try NetworkNamespace.current()
        record = AgentRecord.Place(
            namespace: try NetworkNamespace.identifier(namespace), path: path, isOwn: table.extent == .namespace,
            table: table.name, hasBridge: table.hasBridge, text: table.text(isAsleep: false),
            listing: try SealProof(table: table.name, hasBridge: table.hasBridge, expected: nil).listing)
        awake = try SealSwitch([(record.table, record.hasBridge)])
        asleep = try SealSwitch([(record.table, record.hasBridge)], isAsleep: true)
        sockets = try TCPSockets()
        flows = try Conntrack()
        reader = try SealTableReader()
    }

    /// Cuts off. Where somebody has taken the tables away they are loaded whole, which takes the thread's being there.
    func wake() throws {
        do {
            try awake.flip()
        } catch {
            guard !record.isOwn else { throw error }
            try RulesetText.load(record.text)
        }
    }

    func putToSleep() throws { try asleep.flip() }

    /// - Returns: `nil` where there is no table.
    func isAwake() throws -> Bool? { try reader.isAwake(record.table) }

    /// Whether the rules are those that were loaded. Of a gateway's own namespace only its being there can be seen from
    /// outside.
    func isAsLoaded() throws -> Bool {
        guard !record.isOwn else { return try isAwake() != nil }
        return try SealProof(table: record.table, hasBridge: record.hasBridge, expected: record.listing).isAsLoaded
    }

    /// Loads the tables anew, where the thread is in their namespace.
    func reload(isAsleep: Bool) throws {
        guard !record.isOwn else { throw SealFailure("the gateway's own namespace cannot be entered any more") }
        try RulesetText.load(table.text(isAsleep: isAsleep))
    }

    /// Ends the gateway's connections with a mark, or all of the namespace where that is the gateway's own.
    func endConnections(marked mark: UInt32) throws { try sockets.end(record.isOwn ? .all : .mark(mark)) }

    /// Forgets flows by their marks, or all of the namespace where that is the gateway's own.
    func forgetFlows(_ marks: [UInt32]) throws {
        if record.isOwn {
            try flows.forget(mark: 0, mask: 0)
        } else {
            for mark in marks { try flows.forget(mark: mark, mask: 0xffff_ff00) }
        }
    }
}

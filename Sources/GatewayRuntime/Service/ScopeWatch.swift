internal import LinuxKernel

/// Notices when what a rule names has become something else: a control group made anew has another number, and a bridge
/// gets ports.
final class ScopeWatch {
    private let ruleset: HostRuleset
    private let seals: HostSeals
    private let statement: QueueStatement
    private var identifiers: [UInt64?]
    /// The known ports of each bridge, by agent number.
    private var ports: [UInt8: Set<String>] = [:]
    private let hasBridges: Bool
    private var handles = try? HostRuleset.ruleHandles()
    private var lookedAt: UInt64 = 0

    init(ruleset: HostRuleset, seals: HostSeals, statement: QueueStatement) {
        self.seals = seals
        self.ruleset = ruleset
        self.statement = statement
        identifiers = Self.identifiers(ruleset)
        for scope in ruleset.scopes {
            if let names = scope.match.bridgePorts { ports[scope.number] = Set(names) }
        }
        hasBridges = !ports.isEmpty
    }

    /// Whether the table is what was loaded last.
    var isAsLoaded: Bool { (try? HostRuleset.ruleHandles()) == handles }

    /// Loads the ruleset and the seals anew, in one transaction.
    func reload() throws {
        try seals.load(with: ruleset, statement)
        handles = try? HostRuleset.ruleHandles()
    }

    /// Looks, and loads what has to be. Called at any time; it looks some times a second.
    func look() throws {
        let time = MonotonicClock.nanoseconds
        guard time - lookedAt >= UInt64(Limits.watchMilliseconds) * 1_000_000 else { return }
        lookedAt = time
        let now = Self.identifiers(ruleset)
        // A group that is gone has nobody in it; its rule is loaded anew when it is back.
        if now != identifiers, now.allSatisfy({ $0 != nil }) {
            try reload()
            identifiers = now
        }
        if hasBridges { try lookForPorts() }
    }

    private func lookForPorts() throws {
        let links = try RouteSocket().links()
        for scope in ruleset.scopes {
            guard case .interface(let name, .some) = scope.match, let bridge = links.first(where: { $0.name == name }) else {
                continue
            }
            let found = Set(links.filter { $0.master == bridge.index }.map(\.name))
            let fresh = found.subtracting(ports[scope.number] ?? [])
            guard !fresh.isEmpty else { continue }
            try HostRuleset.add(ports: fresh.sorted(), toScope: scope.number, seals.table(of: scope))
            ports[scope.number, default: []].formUnion(fresh)
        }
    }

    private static func identifiers(_ ruleset: HostRuleset) -> [UInt64?] {
        ruleset.scopes.compactMap { scope -> UInt64?? in
            guard case .cgroup(let path) = scope.match else { return nil }
            return .some(path.identifier)
        }
    }
}

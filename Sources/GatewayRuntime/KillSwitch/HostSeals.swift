internal import LinuxKernel

/// The seal tables of a service's agents in the machine's own network namespace.
struct HostSeals: Sendable {
    private(set) var tables: [SealTable]

    init(_ tables: [SealTable]) {
        self.tables = tables
    }

    /// Loads the service's ruleset and the seals in one transaction: there is no moment in which a sealed agent is open.
    ///
    /// Tables that are there keep their state, whatever it is; new ones are asleep unless the agent's seal is on record.
    func load(with ruleset: HostRuleset, _ statement: QueueStatement) throws {
        let store = SealStore.standard
        let reader = try SealTableReader()
        let states = try tables.map { try reader.isAwake($0.name) }
        let texts = zip(tables, states).map { table, isAwake in
            isAwake == nil ? table.text(isAsleep: !store.isSealed(table.agent)) : table.refill
        }
        do throws(RulesetError) {
            try load(ruleset, statement, seals: texts.joined())
        } catch {
            guard case .refused = error, states.contains(where: { $0 != nil }) else { throw error }
            // Tables of another version, or that somebody has meddled with: made anew, as awake as they were.
            let texts = zip(tables, states).map { table, isAwake in
                table.text(isAsleep: !(isAwake ?? store.isSealed(table.agent)))
            }
            try load(ruleset, statement, seals: texts.joined())
        }
        // What was sealed between the look and the load.
        for table in tables where store.isSealed(table.agent) {
            let seal = try SealSwitch([(table.name, table.hasBridge)])
            try seal.flip()
        }
    }

    func table(of scope: HostRuleset.Scope) -> SealTable? {
        tables.first { table in
            if case .scopes(let scopes) = table.extent { scopes.contains { $0.number == scope.number } } else { false }
        }
    }

    private func load(_ ruleset: HostRuleset, _ statement: QueueStatement, seals: String) throws(RulesetError) {
        if ruleset.scopes.isEmpty {
            _ = try HostRuleset.remove()
            try RulesetText.load(seals)
        } else {
            try ruleset.load(statement, seals: seals)
        }
    }

    /// Takes away the seal tables of the thread's network namespace, but for those that are in force.
    ///
    /// - Returns: the names of the tables that stay.
    static func removeOpen(except kept: [SealTable] = []) throws -> [String] {
        let listed = try RulesetText.list("tables").split(separator: "\n").map { $0.split(separator: " ") }
        let reader = try SealTableReader()
        var stays: [String] = []
        for words in listed where words.count == 3 && words[1] == "inet" && words[2].hasPrefix(SealTable.prefix) {
            let name = String(words[2])
            guard !kept.contains(where: { $0.name == name }) else { continue }
            guard try reader.isAwake(name) == false else {
                stays.append(name)
                continue
            }
            try RulesetText.load("delete table inet \(name)\n")
            if listed.contains(["table", "bridge", words[2]]) { try RulesetText.load("delete table bridge \(name)\n") }
        }
        return stays
    }
}

internal import LinuxKernel

/// `portcullis drop --restore`: puts the seals on record in force again after the machine has started, before there is a
/// network, and without the service.
package struct RestoreInvocation: Sendable {
    package init() {}

    /// - Returns: the exit code: 0 when every seal on record is in force, 1 when one is not.
    package func perform(fail: (String) -> Void, print: (String) -> Void) -> Int32 {
        guard ProcessSettings.isRoot else {
            fail("drop --restore needs root; call it with sudo")
            return 1
        }
        let store = SealStore.standard
        let sealed = AgentRegistry.lasting().filter { store.isSealed($0.name) }
        var isWhole = true
        for record in sealed {
            for place in record.places where !place.isOwn {
                do {
                    try load(place, record)
                    let proof = try SealProof(table: place.table, hasBridge: place.hasBridge, expected: place.listing)
                    guard proof.state == .inForce else { throw SealFailure("\(place.table) is \(proof.state)") }
                    print("sealed \(record.name): inet \(place.table), \(proof.hookCount) hooks, \(proof.ruleCount) rules")
                } catch {
                    fail("\(record.name) is NOT sealed: \(error)")
                    isWhole = false
                }
            }
        }
        markSockets(of: sealed, fail)
        // Of the others there are records only: a jail is not started again, a cable is laid sealed.
        for agent in store.agents where !sealed.contains(where: { $0.name == agent }) {
            print("\(agent) is sealed, and is not started until it is raised")
        }
        return isWhole ? 0 : 1
    }

    private func load(_ place: AgentRecord.Place, _ record: AgentRecord) throws {
        do {
            try RulesetText.load(place.text)
        } catch {
            // A rule names a group by its number, so the group has to be there; a service's is used as it is found.
            guard !record.cgroups.isEmpty else { throw error }
            for cgroup in record.cgroups { try CgroupPath.make(cgroup) }
            try RulesetText.load(place.text)
        }
    }

    /// Set-user-ID programs of a sealed user are the user, as under the service.
    private func markSockets(of records: [AgentRecord], _ fail: (String) -> Void) {
        let scopes = records.flatMap { record in
            zip(record.users, record.flows).map { user, mark in
                HostRuleset.Scope(number: UInt8(mark >> 8 & 0xff), match: .user(user), queue: 0, listenerPort: 0)
            }
        }
        guard !scopes.isEmpty else { return }
        do {
            try SocketTag.apply(scopes)
        } catch {
            fail("set-user-ID programs of a sealed user are not covered until the service runs: \(error)")
        }
    }
}

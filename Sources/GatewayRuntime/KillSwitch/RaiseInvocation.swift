internal import GatewayCore
internal import LinuxKernel
internal import WireFormats

/// `portcullis raise`, from its arguments to its exit code.
package struct RaiseInvocation: Sendable {
    /// `nil` for everybody.
    package var agent: String?
    package var reason: String
    package var isJSON: Bool

    package init(agent: String?, reason: String, isJSON: Bool) {
        self.agent = agent
        self.reason = reason
        self.isJSON = isJSON
    }

    /// - Returns: the exit code: 0 when nobody of those named is sealed any more, 1 when something stood in the way, 2 for
    ///   nobody of that name.
    package func perform(fail: (String) -> Void, print: (String) -> Void) -> Int32 {
        guard ProcessSettings.isRoot else {
            fail("raise needs root; call it with sudo")
            return 1
        }
        let store = SealStore.standard
        let known = AgentRegistry.all()
        do {
            try store.prepare(for: nil)
            if let sentinel = Sentinel.standing(known) {
                throw SealFailure("the sentinel \(sentinel) is there, and seals everybody: remove it first")
            }
            if let agent, store.has(SealStore.everybody) {
                throw SealFailure("everybody is sealed, \(agent) among them: `portcullis raise --all --reason TEXT`")
            }
            let names = agent.map { [$0] } ?? Set(store.agents + known.map(\.name)).sorted()
            if let agent, !store.has(agent), !known.contains(where: { $0.name == agent }) {
                fail("no agent is called \(agent), and none of that name is sealed")
                return 2
            }
            let order = SealCause(
                .command, reason: reason, uid: ProcessSettings.invokingUser, at: MonotonicClock.wallNanoseconds)
            let lock = SealLock(store.folder)
            guard lock.isHeld else { throw SealFailure("somebody else seals or raises just now: try again") }
            let raised = try raise(names, known, store, order)
            lock.release()
            print(isJSON ? json(raised) : text(raised))
            return raised.contains { $0.steps.contains(where: \.hasFailed) } ? 1 : 0
        } catch {
            fail("\(error)")
            return 1
        }
    }

    /// The journal first: what cannot be recorded stays sealed. Then the record, so that the daemon knows it for no
    /// tampering; the kernel last.
    private func raise(
        _ names: [String], _ known: [AgentRecord], _ store: SealStore, _ order: SealCause
    ) throws -> [(name: String, steps: [Cut.Step])] {
        if agent == nil {
            try SealJournal.append(.raise, agent: SealStore.everybody, order, steps: [])
            _ = try store.remove(SealStore.everybody)
        }
        return try names.map { name in
            try SealJournal.append(.raise, agent: name, order, steps: [])
            let wasThere = try store.remove(name)
            var steps = [Cut.step("record") { wasThere ? "removed" : "there was none" }]
            let records = known.filter { $0.name == name }
            for record in records {
                steps.append(Cut.open(record))
                let thawed = Cut.step("processes") { "\(try AgentProcesses(record)?.thaw() ?? 0) thawed" }
                if !thawed.detail.hasPrefix("0 ") { steps.append(thawed) }
            }
            // Restored at boot, and its service has not come yet.
            if records.isEmpty { steps.append(Cut.openHere(name)) }
            return (name, steps)
        }
    }

    private func text(_ raised: [(name: String, steps: [Cut.Step])]) -> String {
        if raised.isEmpty { return "nobody was sealed" }
        return raised.flatMap { ["raised \($0.name)"] + $0.steps.map(DropInvocation.line) }.joined(separator: "\n")
    }

    private func json(_ raised: [(name: String, steps: [Cut.Step])]) -> String {
        var json = JSONText()
        json.beginArray()
        for (name, steps) in raised {
            json.beginObject()
            json.member("agent", name)
            json.key("steps")
            json.write(steps)
            json.endObject()
        }
        json.endArray()
        return json.text
    }
}

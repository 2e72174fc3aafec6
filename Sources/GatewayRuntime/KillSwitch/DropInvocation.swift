internal import GatewayCore
internal import LinuxKernel
internal import Policy
internal import WireFormats

/// `portcullis drop`, from its arguments to its exit code. Needs no daemon, and forks nothing.
package struct DropInvocation: Sendable {
    package enum Processes: String, Sendable {
        case leave
        case freeze
        case kill
    }

    /// `nil` for everybody.
    package var agent: String?
    package var reason: String
    package var processes: Processes
    package var isJSON: Bool
    /// What the record says pulled it.
    package var cause: String

    package init(agent: String?, reason: String, processes: Processes, isJSON: Bool, cause: String = "command") {
        self.agent = agent
        self.reason = reason
        self.processes = processes
        self.isJSON = isJSON
        self.cause = cause
    }

    /// - Parameters:
    ///   - fail: told what stands in the way, without the program's name.
    ///   - print: told what was done.
    /// - Returns: the exit code: 0 when all was done and proven, 1 when an agent is not sealed, 2 for nobody of that name, 3
    ///   when all are sealed and something after that failed.
    package func perform(fail: (String) -> Void, print: (String) -> Void) -> Int32 {
        let known = Self.known()
        let records = known.filter { agent == nil || $0.name == agent }
        // The cut comes first; who may not, hears it from the kernel.
        let seals = records.isEmpty ? [] : Cut.seal(records)
        guard ProcessSettings.isRoot else {
            fail("drop needs root; call it with sudo")
            return 1
        }
        if let agent, records.isEmpty {
            let names = Set(known.map(\.name)).sorted().joined(separator: ", ")
            fail("no agent is called \(agent); there \(known.isEmpty ? "is nobody" : "are: \(names)")")
            return 2
        }
        let order = SealCause(
            SealCause.Code(rawValue: cause) ?? .command, reason: reason, uid: ProcessSettings.invokingUser,
            at: MonotonicClock.wallNanoseconds)
        // Whoever raises at the same time has finished, or waits; what it put to sleep is woken again.
        let lock = SealLock(SealStore.standard.folder)
        var common = (records.isEmpty ? [] : seals + Cut.seal(records).filter(\.hasFailed)) + persist(records, order)
        var outcomes: [(name: String, steps: [Cut.Step])] = []
        for record in records {
            var steps = [Cut.endConnections(record), Cut.forgetFlows(record)]
            steps += Cut.prove(record)
            // Last: a jail's gateway ends with its command, and the jail's network with that.
            if processes != .leave { steps.append(treat(record)) }
            outcomes.append((record.isService ? record.name : "\(record.name) (jail \(record.process))", steps))
        }
        lock.release()
        common.append(journal(records, order, common + outcomes.flatMap(\.steps)))
        print(isJSON ? json(order, common, outcomes) : text(order, common, outcomes))
        let proofs = outcomes.flatMap(\.steps).filter { $0.name == Cut.proofStep }
        if proofs.contains(where: \.hasFailed) { return 1 }
        return (common + outcomes.flatMap(\.steps)).contains(where: \.hasFailed) ? 3 : 0
    }

    /// Who is guarded, and who was when the machine was last started: the seals of those may be in force without a service.
    private static func known() -> [AgentRecord] {
        let running = AgentRegistry.all()
        guard let own = try? NetworkNamespace.current(), let namespace = try? NetworkNamespace.identifier(own) else { return running }
        return running
            + AgentRegistry.lasting().filter { record in !running.contains { $0.name == record.name } }.map { record in
                var record = record
                // The namespaces of an earlier start are gone; the machine's own is the one that this is called in.
                record.places = record.places.filter { !$0.isOwn }.map { place in
                    var place = place
                    place.namespace = namespace
                    return place
                }
                record.hostNamespace = namespace
                return record
            }
    }

    /// A seal on everybody is a record of its own beside those of the agents that there are: it holds for who comes later.
    private func persist(_ records: [AgentRecord], _ order: SealCause) -> [Cut.Step] {
        let store = SealStore.standard
        let names = Set(records.map(\.name)).sorted() + (agent == nil ? [SealStore.everybody] : [])
        return [
            Cut.step("record") {
                try store.prepare(for: nil)
                for name in names { try store.save(SealRecord(agent: name, cause: order)) }
                return names.map { store.path(of: $0) }.joined(separator: ", ")
            }
        ]
    }

    private func treat(_ record: AgentRecord) -> Cut.Step {
        Cut.step("processes") {
            guard let found = try AgentProcesses(record) else {
                throw SealFailure("none are known: what is behind an interface runs elsewhere")
            }
            return switch processes {
            case .leave: ""
            case .freeze: "\(try found.freeze()) frozen"
            case .kill: "\(try found.kill()) killed"
            }
        }
    }

    private func journal(_ records: [AgentRecord], _ order: SealCause, _ steps: [Cut.Step]) -> Cut.Step {
        Cut.step("journal") {
            let names = agent == nil ? [SealStore.everybody] : Set(records.map(\.name)).sorted()
            for name in names { try SealJournal.append(.drop, agent: name, order, steps: steps) }
            return SealJournal.path
        }
    }

    private func text(
        _ order: SealCause, _ common: [Cut.Step], _ outcomes: [(name: String, steps: [Cut.Step])]
    ) -> String {
        var lines: [String] = []
        let everything = common + outcomes.flatMap(\.steps)
        let isSealed = !everything.contains { $0.hasFailed && $0.name == Cut.proofStep }
        let whom = agent ?? "everybody"
        lines.append(isSealed ? "sealed \(whom): \(order)" : "NOT SEALED: \(whom)")
        lines += common.map(Self.line)
        for outcome in outcomes {
            if outcomes.count > 1 || agent == nil { lines.append("\(outcome.name)") }
            lines += outcome.steps.map(Self.line)
        }
        if outcomes.isEmpty { lines.append("  nobody is guarded now; who comes later is sealed") }
        lines.append("lift it with: portcullis raise \(agent.map { "--agent \($0)" } ?? "--all") --reason TEXT")
        return lines.joined(separator: "\n")
    }

    /// `  seal         0.041 ms  portcullis_seal_claude`
    static func line(_ step: Cut.Step) -> String {
        let micro = (step.nanoseconds + 500) / 1000
        let time = "\(micro / 1000).\(String(repeating: "0", count: 3 - String(micro % 1000).utf8.count))\(micro % 1000) ms"
        func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
            let fill = String(repeating: " ", count: max(width - text.utf8.count, 0))
            return right ? fill + text : text + fill
        }
        return "  \(padded(step.name, 12))\(padded(time, 12, right: true))  \(step.hasFailed ? "FAILED: " : "")\(step.detail)"
    }

    private func json(
        _ order: SealCause, _ common: [Cut.Step], _ outcomes: [(name: String, steps: [Cut.Step])]
    ) -> String {
        var json = JSONText()
        json.beginObject()
        let steps = common + outcomes.flatMap(\.steps)
        json.member("sealed", !steps.contains { $0.hasFailed && $0.name == Cut.proofStep })
        json.member("agent", agent ?? SealStore.everybody)
        json.member("reason", order.reason)
        json.key("steps")
        json.write(common)
        json.key("agents")
        json.beginArray()
        for outcome in outcomes {
            json.beginObject()
            json.member("name", outcome.name)
            json.key("steps")
            json.write(outcome.steps)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.text
    }
}

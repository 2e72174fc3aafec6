internal import GatewayCore
internal import LinuxKernel
internal import WireFormats

extension AgentStatus {
    /// Everybody who is guarded, and everybody who is sealed: from the registry, the seals on record and the kernel.
    ///
    /// Goes through the agents' network namespaces: the process must have one thread.
    static func all(_ running: [GatewayStatus.Running]) -> [AgentStatus] {
        let store = SealStore.standard
        var agents = AgentRegistry.all().map { AgentStatus($0, running, store) }
        for name in store.agents where !agents.contains(where: { $0.name == name }) {
            agents.append(AgentStatus(name: name, record: store.record(of: name), kernel: kernelHere(name)))
        }
        if let record = store.record(of: SealStore.everybody) {
            agents.append(AgentStatus(name: SealStore.everybody, record: record, kernel: .nothing))
        }
        return agents
    }

    private init(_ agent: AgentRecord, _ running: [GatewayStatus.Running], _ store: SealStore) {
        self.init(
            name: agent.name,
            gateway: Gateway(
                process: agent.process, startedAt: agent.startedAt, isService: agent.isService, isAlive: agent.isGatewayAlive),
            record: store.record(of: agent.name) ?? store.record(of: SealStore.everybody), kernel: Self.kernel(agent))
        scope = Self.scope(agent)
        guard let file = running.first(where: { $0.process == agent.process }),
            let json = JSONValue(Array(file.json.utf8).span)
        else { return }
        mode = json["mode"]?.text
        queue = json["packet_queue"]?.text
        // In the words of the policy, who has a name for the user.
        scope = json["agents"]?.elements.first { $0["name"]?.text == agent.name }?["scope"]?.text ?? scope
    }

    private static func scope(_ agent: AgentRecord) -> String {
        guard agent.isService else { return "jail" }
        let parts = agent.users.map { "user \($0)" } + agent.cgroups.map { "cgroup \($0)" }
            + agent.interfaces.map { "interface \($0)" }
        return parts.isEmpty ? agent.agentPath.map { "netns \($0)" } ?? "-" : parts.joined(separator: ", ")
    }

    private static func kernel(_ agent: AgentRecord) -> Kernel {
        // A gateway's own namespace goes with its process, and the agent's only link with that.
        let places = agent.places.filter { !$0.isOwn || agent.isGatewayAlive }
        var states: [(table: String, state: SealProof.State)] = []
        for place in places {
            do {
                let proof = try Visit.namespace(of: place) {
                    try SealProof(table: place.table, hasBridge: place.hasBridge, expected: place.listing)
                }
                // A table that sleeps is no seal, but what is wrong with it will be when it is woken.
                states.append((place.table, proof.state == .asleep && !proof.isAsLoaded ? .altered : proof.state))
            } catch {
                return .unknown("\(error)")
            }
        }
        if states.isEmpty { return .nothing }
        if states.allSatisfy({ $0.state == .inForce }) { return .awake }
        if states.allSatisfy({ $0.state == .asleep }) { return .asleep }
        return .broken(states.map { "\($0.table) \(words($0.state))" }.joined(separator: ", "))
    }

    private static func words(_ state: SealProof.State) -> String {
        switch state {
        case .inForce: "awake"
        case .asleep: "asleep"
        case .missing: "MISSING"
        case .altered: "ALTERED"
        }
    }

    /// Of an agent that nobody guards: its table stays when its service's rules are taken away.
    private static func kernelHere(_ name: String) -> Kernel {
        let table = SealTable.prefix + SealName.encoded(name)
        do {
            return switch try SealProof(table: table, hasBridge: false, expected: nil).state {
            case .inForce: .awake
            case .asleep: .asleep
            case .missing: .nothing
            case .altered: .broken("\(table) ALTERED")
            }
        } catch {
            return .unknown("\(error)")
        }
    }
}

internal import GatewayCore
internal import LinuxKernel
internal import Policy
internal import WireFormats

/// One agent of the service with everything its traffic comes through, opened and not yet served.
struct GuardedAgent {
    let rule: AgentRule
    let agent: AgentID
    /// For people: how its traffic is taken.
    let way: String
    let pins = PinStore()
    let seal: AgentSeal
    /// One for each place that its traffic comes from; all of them share its pins.
    var places: [Place] = []

    struct Place {
        let packets: PacketLoop
        let names: NameMailbox
        let listeners: Listeners
    }

    init(rule: AgentRule, agent: AgentID, way: String) {
        seal = AgentSeal(servedMark: AgentSeal.mark(ofServiceAgent: agent.number))
        seal.isSealed = SealStore.standard.isSealed(rule.name)
        self.rule = rule
        self.agent = agent
        self.way = way
    }

    /// Its gateway's own namespace, for an agent at a cable: where it is sealed beside the machine's.
    private(set) var ownNamespaces: [OwnNamespace] = []

    struct OwnNamespace {
        let place: SealPlace
        let watch: KillSwitchParts.Watch
        let everybody: KillSwitchParts.Everybody
    }

    /// Loads the seal of the thread's network namespace, which is a gateway's own, in force if the agent is sealed.
    mutating func addSealOfOwnNamespace() throws {
        let table = SealTable(agent: rule.name, extent: .namespace, servedMark: seal.servedMark)
        try RulesetText.load(table.text(isAsleep: !SealStore.standard.isSealed(rule.name)))
        // Kept open as long as the process lives, for others to enter by.
        let namespace = try NetworkNamespace.current().release()
        let place = try SealPlace(table, path: "/proc/\(ProcessSettings.processIdentifier)/fd/\(namespace)")
        ownNamespaces.append(
            OwnNamespace(place: place, watch: try KillSwitchParts.Watch(), everybody: try KillSwitchParts.Everybody([place.record])))
    }

    /// Adds a place in the thread's network namespace.
    ///
    /// - Parameters:
    ///   - queue: bound there.
    ///   - scope: the third byte of its marks.
    mutating func add(
        _ service: ServiceParts, queue: consuming sending PacketQueue, listeners: Listeners, scope: UInt8
    ) throws {
        let names = try NameMailbox()
        places.append(
            Place(
                packets: PacketLoop(
                    agent: agent, policy: service.policy, seal: seal, pins: pins, names: names, recorder: service.recorder,
                    resolvers: service.resolvers, queue: queue, sender: try RawPacketSender(), scope: scope,
                    forwards: scope != 0),
                names: names,
                listeners: listeners))
    }
}

/// What all agents of the service share; nothing in it changes.
struct ServiceParts: Sendable {
    let policy: CompiledPolicy
    let recorder: any RecordSink
    let resolvers: ResolverList
}

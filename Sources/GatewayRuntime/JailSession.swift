internal import GatewayCore
internal import LinuxKernel
internal import Policy
internal import WireFormats

/// One jailed command with the gateway around it, from start to exit code.
///
///     host namespace          gateway namespace             jail
///     upstream, resolvers ◀── listeners, queue, ruleset ◀── agent0 ═══ eth0 ◀── command
///
/// The gateway's namespace has no other way out: what reaches the host's network does so through this process. It holds
/// the namespace open, so that nothing is left of it when the process ends, however it ends.
package enum JailSession {
    /// Runs the command.
    ///
    /// - Returns: the command's exit code.
    /// - Throws: ``JailFailure`` with exit codes 125 to 127, or what stood in the way.
    package static func run(_ options: JailOptions) throws -> Int32 {
        try SignalRelay.block()
        let agent = AgentID(number: UInt32(bitPattern: ProcessSettings.processIdentifier))
        let resolvers = try ResolverList(for: options.policy)
        try SealStore.standard.prepare(for: nil)
        let trust = try GatewayTrust()
        let hostSockets = try HostSockets.bound()
        let hostNamespace = try NetworkNamespace.current()

        try NetworkNamespace.enterNew()
        let link = JailLink()
        let toolSocket = AgentServer.path(ofJailOf: ProcessSettings.processIdentifier)
        let specification = JailSpecification(
            command: options.command, environment: JailEnvironment.make(from: options.environment, for: options.user),
            user: options.user, link: link, allowedSockets: options.allowedSockets, hostSockets: hostSockets,
            agentSocket: toolSocket)
        let jail = try JailProcess.start(specification) { try trust.files(resolver: link.gatewayV4) }
        // The jail's process is made, so that this one may have threads: for what takes as long as the link and the ruleset.
        let probe = try Ahead { try QueueTarget.kernelQueueStatement() }
        let sessions = try Ahead { try TLSSessions(trust: trust, extraCA: options.policy.extraCA) }
        // Not before: the command keeps its invoker's limit. Programs close, or select(2) among, as many as they may have.
        let descriptorLimit = ProcessSettings.raiseDescriptorLimit()
        let route = try RouteSocket()
        try route.addVethPair(link, agentNamespace: .ofProcess(jail.identifier))
        try link.configureGatewayEnd(route)
        // Before the jail's files are put in place, and not before its process is made, which is to have no copy.
        defer { StatusFolder.remove(toolSocket) }
        let tools = try AgentServer.socket(ofJailAt: toolSocket, user: options.user)
        try jail.linkIsReady()
        let statement = try probe.value()
        try GatewayRuleset(link).load(statement)
        let queue = try PacketQueue(number: Limits.queue)
        let sender = try RawPacketSender()
        let seal = AgentSeal(servedMark: AgentSeal.mark(ofJailOf: ProcessSettings.processIdentifier))
        let listeners = try Listeners.open(mark: seal.servedMark)
        let place = try Self.seal(options.name, mark: seal.servedMark)
        let watch = try KillSwitchParts.Watch()
        let everybody = try KillSwitchParts.Everybody([place.record])
        try NetworkNamespace.enter(hostNamespace)

        // Whose namespaces they are cannot be asked once privileges are given up.
        let record = try Self.record(options, jail.identifier, place.record, hostNamespace, mark: seal.servedMark)
        // The thread that made them is gone before privileges are given up and before anything of the agent's is read.
        let prepared = try sessions.value()
        try ProcessSettings.keepGatewayCapabilities()
        try ProcessSettings.closeMemory()
        let status = try GatewayStatus(agent: agent, options: options, jail: jail.identifier, queue: statement)
        defer { status.remove() }
        AgentRegistry.removeStale()
        try AgentRegistry.add(record)
        defer { AgentRegistry.remove(record) }
        let pins = PinStore()
        let names = try NameMailbox()
        let orders = try SealOrders()
        let recorder = FindingWatch(FloodGuardedLog(options.log), rules: options.policy.killSwitch, orders: orders)
        let parts = try KillSwitchParts(
            signals: [], sealSignal: SignalRelay.sealSignal, sentinel: Sentinel.path(options.policy), watches: [watch],
            everybody: [everybody])
        KillSwitchThread.start(parts) { parts in
            KillSwitch(
                agents: [SealedAgent(name: options.name, id: agent, seal: seal, flows: [], places: [place])],
                rules: options.policy.killSwitch, recorder: recorder, orders: orders, parts: parts)
        }
        let control = ControlServer.path(ofJailOf: ProcessSettings.processIdentifier)
        defer { _ = try? FileText.remove(control) }
        ControlServer(
            try ControlSocket(at: control, owner: 0, guests: .owner), group: nil,
            agents: [.init(name: options.name, id: agent, user: outsider(options.user), seal: seal, pins: pins)],
            orders: orders
        ).start()
        // Nobody but the jail's processes has a way to it.
        AgentServer(tools, agents: [.init(name: options.name, seal: seal, peers: .everybody)]).start()
        let packets = PacketLoop(
            agent: agent, policy: options.policy, seal: seal, pins: pins, names: names, recorder: recorder, resolvers: resolvers,
            queue: queue, sender: sender)
        packets.start()
        let proxy = try Proxy(
            agent: agent, policy: options.policy, seal: seal, pins: pins, names: names, recorder: recorder, sessions: prepared,
            descriptorLimit: descriptorLimit)
        try proxy.listen(on: listeners)
        try jail.run()
        // The jail has it; nobody outside has a way to it any more.
        StatusFolder.remove(toolSocket)
        return try SignalRelay.wait(for: jail)
    }

    /// The user of the jail's command, who is no operator. A jail of root's cannot reach the socket, which is covered there:
    /// root outside is an operator all the same.
    private static func outsider(_ user: JailUser) -> Set<UInt32> { user.identifier == 0 ? [] : [user.identifier] }

    /// Loads the seal, asleep, into the thread's network namespace, which is the gateway's.
    private static func seal(_ agent: String, mark: UInt32) throws -> SealPlace {
        let table = SealTable(agent: agent, extent: .namespace, servedMark: mark)
        try RulesetText.load(table.text(isAsleep: true))
        // Kept open as long as the process lives, for others to enter by.
        let namespace = try NetworkNamespace.current().release()
        return try SealPlace(table, path: "/proc/\(ProcessSettings.processIdentifier)/fd/\(namespace)")
    }

    /// What `drop` and `evidence` know of the jail, who need no answer from this process.
    private static func record(
        _ options: JailOptions, _ jail: Int32, _ place: AgentRecord.Place, _ host: borrowing Descriptor, mark: UInt32
    ) throws -> AgentRecord {
        let process = ProcessSettings.processIdentifier
        var record = AgentRecord(
            name: options.name, process: process, startedAt: ProcessSettings.startTime(of: process) ?? 0,
            isService: false, hostNamespace: try NetworkNamespace.identifier(host), servedMark: mark)
        record.places = [place]
        // One that has failed already says why later on.
        if let own = try? Descriptor.open("/proc/\(jail)/ns/pid", 0) { record.processNamespace = try NetworkNamespace.identifier(own) }
        let inside = "/proc/\(jail)/ns/net"
        if let own = try? Descriptor.open(inside, 0) {
            record.agentNamespaces = [try NetworkNamespace.identifier(own)]
            record.agentPath = inside
        }
        record.sentinel = options.policy.killSwitch.sentinel
        return record
    }
}

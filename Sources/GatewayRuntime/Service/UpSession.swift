internal import GatewayCore
internal import Glibc
internal import LinuxKernel
internal import Policy
internal import WireFormats

/// `portcullis up`: agents of this machine with the gateway around them, until it is told to stop.
///
///     user, cgroup ──output──▶ ┐                          ┌─▶ listeners ─▶ upstream, as the gateway's own account
///     interface ──prerouting─▶ ├ table inet portcullis ───┼─▶ queue
///     netns ──cable──▶ a gateway namespace of its own     └─▶ forwarded by the kernel once accepted
///
/// Whatever ends the process, the table stays: agents without their gateway have no network. `portcullis down` takes it
/// away.
package enum UpSession {
    /// - Parameter report: told what is being guarded, one line each.
    /// - Returns: the exit code, once a signal has ended it.
    package static func run(_ options: UpOptions, report: (String) -> Void) throws -> Int32 {
        try SignalRelay.block()
        if let running = try GatewayStatus.runningService() {
            throw ScopeError("the service runs already (process \(running.process))")
        }
        let account = GatewayAccount.find()
        let host = try NetworkNamespace.current()
        let plans = try options.agents.map { rule in
            do {
                return try ScopePlan(rule.scope, host: host, account: account)
            } catch {
                throw ScopeError("agent \(rule.name): \(error)")
            }
        }
        let kept = try KeptAuthority(folder: options.authorityFolder)
        let sessions = try TLSSessions(
            trust: GatewayTrust(authority: kept.authority), extraCA: options.policy.extraCA)
        let statement = try QueueTarget.kernelQueueStatement()
        try SealStore.standard.prepare(for: account)
        let orders = try SealOrders()
        let service = ServiceParts(
            policy: options.policy,
            recorder: FindingWatch(FloodGuardedLog(options.log), rules: options.policy.killSwitch, orders: orders),
            resolvers: try ResolverList(for: options.policy))
        let descriptorLimit = ProcessSettings.raiseDescriptorLimit()

        var agents: [GuardedAgent] = []
        var scopes: [HostRuleset.Scope] = []
        var seals: [SealTable] = []
        for (index, (rule, plan)) in zip(options.agents, plans).enumerated() {
            var agent = GuardedAgent(
                rule: rule, agent: AgentID(number: UInt32(index + 1)), way: plan.description)
            let firstScope = scopes.count
            switch plan {
            case .host(let matches):
                for match in matches {
                    guard let number = UInt8(exactly: scopes.count + 1) else { throw ScopeError("more than 255 scopes") }
                    let queue = try PacketQueue.openAnywhere(from: Limits.firstHostQueue + UInt16(number))
                    let queueNumber = queue.number
                    let (listeners, port) = try Listeners.openAnywhere(mark: agent.seal.servedMark)
                    try agent.add(service, queue: queue, listeners: listeners, scope: number)
                    scopes.append(.init(number: number, match: match, queue: queueNumber, listenerPort: port))
                }
            case .cable(let path):
                try AgentCable.lay(into: path, host: host, statement: statement) {
                    try agent.addSealOfOwnNamespace()
                    try agent.add(
                        service, queue: PacketQueue(number: Limits.queue),
                        listeners: .open(mark: agent.seal.servedMark), scope: 0)
                }
            }
            seals.append(
                SealTable(
                    agent: rule.name, extent: .scopes(Array(scopes[firstScope...])), servedMark: agent.seal.servedMark))
            agents.append(agent)
        }
        let ruleset = HostRuleset(gatewayUser: account.user, scopes: scopes)
        let hostSeals = HostSeals(seals)
        try hostSeals.load(with: ruleset, statement)
        _ = try HostSeals.removeOpen(except: seals)
        let process = ProcessSettings.processIdentifier
        let places = try seals.map { try SealPlace($0, path: "/proc/\(process)/ns/net") }
        try register(agents, places, host, options)
        // What an earlier policy let through is judged anew.
        let flows = try Conntrack()
        try flows.forget(mark: FlowMark.prefix, mask: FlowMark.prefixMask)

        let tag = Self.tag(scopes)
        if let failure = tag { report("set-user-ID programs of a guarded user are NOT covered: \(failure)") }
        // After the marks: a socket without one is among those that are ended here.
        let lingering = Self.endConnections(scopes)
        if let failure = lingering { report("a guarded user's connections from before are NOT ended: \(failure)") }

        let status = try GatewayStatus(
            service: agents, scopes: scopes, options: options, queue: statement, untagged: tag, lingering: lingering)
        defer { status.remove() }
        let killSwitch = try killSwitch(agents, places, orders, service.recorder, ruleset, hostSeals, statement, options)
        // Nobody waits for this thread, and it must not wait for others.
        let promptness = Result { try ProcessSettings.bePrompt() }
        if case .failure(let error) = promptness { report("the kill switch has no real-time priority: \(error)") }
        let control = try control(agents, options.policy, account, orders)
        let tools = AgentServer(
            try ControlSocket(at: AgentServer.path, owner: account.user, guests: .everybody),
            agents: agents.map { .init(name: $0.rule.name, seal: $0.seal, peers: peers(of: $0)) })
        try ProcessSettings.become(account)
        control.start()
        tools.start()
        try ProcessSettings.closeMemory()
        let placeCount = agents.reduce(0) { $0 + $1.places.count }
        for agent in agents {
            for place in agent.places {
                place.packets.start()
                try Proxy(
                    agent: agent.agent, policy: options.policy, seal: agent.seal, pins: agent.pins, names: place.names,
                    recorder: service.recorder, sessions: sessions, descriptorLimit: descriptorLimit / placeCount
                ).listen(on: place.listeners)
            }
        }
        if let note = Self.forwardingNote(scopes, options.policy) { report(note) }
        for agent in agents { report("guarding \(agent.rule.name): \(agent.way)") }
        report("ready; \(statement.rawValue); agents must trust \(kept.certificatePath)")
        ServiceManager.ready(status: "guarding \(agents.map(\.rule.name).joined(separator: ", "))")
        _ = try killSwitch.run()
        ServiceManager.stopping()
        return 0
    }

    /// Takes the rules of a service that has ended away.
    ///
    /// - Returns: whether there were any, and the seal tables that stay, for their agents are sealed.
    package static func down() throws -> (wereThere: Bool, seals: [String]) {
        guard ProcessSettings.isRoot else { throw ScopeError("down needs root; call it with sudo") }
        if let running = try GatewayStatus.runningService() {
            throw ScopeError("the service runs (process \(running.process)): stop it first")
        }
        let wereThere = try HostRuleset.remove()
        // Marks without rules mean nothing; where there can be none there are none.
        try? SocketTag.remove()
        let namespace = try NetworkNamespace.current()
        AgentRegistry.removeService(of: try NetworkNamespace.identifier(namespace))
        AgentRegistry.removeLasting { SealStore.standard.isSealed($0.name) }
        // What the daemon's own account could not remove.
        StatusFolder.removeStale(in: GatewayStatus.folder)
        StatusFolder.remove(AgentServer.path)
        StatusFolder.remove(ControlServer.path)
        return (wereThere, try HostSeals.removeOpen())
    }

    /// What is accepted and not intercepted goes on by the kernel's forwarding, which is the machine's own setting.
    private static func forwardingNote(_ scopes: [HostRuleset.Scope], _ policy: CompiledPolicy) -> String? {
        guard policy.hasForwardedFlows, scopes.contains(where: \.match.isInterface) else {
            return nil
        }
        let off = [("net.ipv4.ip_forward", "ipv4/ip_forward"), ("net.ipv6.conf.all.forwarding", "ipv6/conf/all/forwarding")]
            .filter { (try? FileText.read("/proc/sys/net/\($0.1)", limit: 16).first) != UInt8(ascii: "1") }
            .map(\.0)
        guard !off.isEmpty else { return nil }
        return "\(off.joined(separator: " and ")) is off: behind interfaces, hosts with `inspect: sni` and address rules are out of reach"
    }

    /// Tells `drop` and `evidence` of the agents, who need no daemon.
    private static func register(
        _ agents: [GuardedAgent], _ places: [SealPlace], _ host: borrowing Descriptor, _ options: UpOptions
    ) throws {
        let process = ProcessSettings.processIdentifier
        let namespace = try NetworkNamespace.identifier(host)
        AgentRegistry.removeService(of: namespace)
        AgentRegistry.removeLasting { SealStore.standard.isSealed($0.name) }
        for (agent, place) in zip(agents, places) {
            var record = AgentRecord(
                name: agent.rule.name, process: process, startedAt: ProcessSettings.startTime(of: process) ?? 0,
                isService: true, hostNamespace: namespace, servedMark: agent.seal.servedMark)
            record.places = [place.record] + agent.ownNamespaces.map(\.place.record)
            record.sentinel = options.policy.killSwitch.sentinel
            if case .scopes(let scopes) = place.table.extent {
                for scope in scopes {
                    record.flows.append(scope.mark(0))
                    switch scope.match {
                    case .user(let user): record.users.append(user)
                    case .cgroup(let path): record.cgroups.append(path.path)
                    case .interface(let name, _): record.interfaces.append(name)
                    }
                }
            }
            if case .netns(let name) = agent.rule.scope {
                let path = ScopePlan.path(ofNamespace: name)
                if let inside = try? Descriptor.open(path, 0) {
                    record.agentNamespaces = [try NetworkNamespace.identifier(inside)]
                    record.agentPath = path
                }
            }
            try AgentRegistry.add(record)
        }
    }

    /// - Returns: why guarded users' sockets cannot be marked; `nil` when they are, or there are none.
    private static func tag(_ scopes: [HostRuleset.Scope]) -> String? {
        do {
            try SocketTag.apply(scopes)
            return nil
        } catch {
            return scopes.contains { $0.match.user != nil } ? "\(error)" : nil
        }
    }

    /// - Returns: why connections that guarded users had before cannot be ended; `nil` when they are, or there are none.
    private static func endConnections(_ scopes: [HostRuleset.Scope]) -> String? {
        do {
            let sockets = try TCPSockets()
            try sockets.end(.users(scopes.compactMap(\.match.user)))
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func control(
        _ agents: [GuardedAgent], _ policy: CompiledPolicy, _ account: GatewayAccount, _ orders: SealOrders
    ) throws -> ControlServer {
        var group: UInt32?
        if let name = policy.controlGroup {
            guard let found = AccountGroup.find(name) else { throw ScopeError("no group is called \(name), which `control` names") }
            group = found
        }
        // Members of the group and agents' tools may pass through, to their sockets; what else is there only root reads.
        try FileText.setMode(GatewayStatus.folder, 0o711)
        let served = agents.map { agent in
            let users: Set<UInt32> =
                if case .user(let name) = agent.rule.scope, let user = JailUser.find(name) { [user.identifier] } else { [] }
            return ControlServer.Agent(
                name: agent.rule.name, id: agent.agent, user: users, seal: agent.seal, pins: agent.pins)
        }
        return ControlServer(
            try ControlSocket(at: ControlServer.path, owner: account.user, guests: group.map { .group($0) } ?? .owner), group: group, agents: served, orders: orders)
    }

    /// Whose processes an agent's are, as far as a socket can tell.
    private static func peers(of agent: GuardedAgent) -> AgentServer.Peers {
        switch agent.rule.scope {
        case .user(let name): JailUser.find(name).map { .users([$0.identifier]) } ?? .nobody
        case .cgroup(let path): (try? CgroupPath(path)).map { .cgroup($0.path) } ?? .nobody
        case .jail, .interface, .netns: .nobody
        }
    }

    /// What keeps the agents sealed or open, and the ruleset true to what it names, until a signal ends the service.
    private static func killSwitch(
        _ agents: [GuardedAgent], _ places: [SealPlace], _ orders: SealOrders, _ recorder: any RecordSink,
        _ ruleset: HostRuleset, _ seals: HostSeals, _ statement: QueueStatement, _ options: UpOptions
    ) throws -> KillSwitch {
        let watch = ScopeWatch(ruleset: ruleset, seals: seals, statement: statement)
        let own = agents.flatMap(\.ownNamespaces)
        let sentinel = Sentinel.path(options.policy)
        if sentinel == Sentinel.standardPath { try FileText.makeFolder(GatewayStatus.folder, mode: 0o700) }
        let parts = try KillSwitchParts(
            signals: [SIGTERM, SIGINT, SIGHUP, SIGQUIT], sealSignal: SIGUSR1, sentinel: sentinel,
            watches: [try KillSwitchParts.Watch()] + own.map(\.watch),
            everybody: [try KillSwitchParts.Everybody(places.map(\.record))] + own.map(\.everybody),
            restore: { try watch.reload() }, isRulesetAsLoaded: { watch.isAsLoaded }, tend: { try watch.look() })
        let sealed = zip(agents, places).map { agent, place in
            let flows: [UInt32] = if case .scopes(let scopes) = place.table.extent { scopes.map { $0.mark(0) } } else { [] }
            return SealedAgent(
                name: agent.rule.name, id: agent.agent, seal: agent.seal, flows: flows,
                places: [place] + agent.ownNamespaces.map(\.place))
        }
        return KillSwitch(
            agents: sealed, rules: options.policy.killSwitch, recorder: recorder, orders: orders, parts: parts)
    }
}

extension ScopePlan: CustomStringConvertible {
    var description: String {
        switch self {
        case .host(let matches): matches.map(\.description).joined(separator: ", ")
        case .cable(let path): "namespace \(path), by a link of its own"
        }
    }
}

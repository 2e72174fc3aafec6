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
        let service = ServiceParts(
            policy: options.policy, recorder: FloodGuardedLog(options.log),
            resolvers: try ResolverList(for: options.policy))
        let descriptorLimit = ProcessSettings.raiseDescriptorLimit()

        var agents: [GuardedAgent] = []
        var scopes: [HostRuleset.Scope] = []
        for (index, (rule, plan)) in zip(options.agents, plans).enumerated() {
            var agent = GuardedAgent(
                rule: rule, agent: AgentID(number: UInt32(index + 1)), way: plan.description)
            switch plan {
            case .host(let matches):
                for match in matches {
                    guard let number = UInt8(exactly: scopes.count + 1) else { throw ScopeError("more than 255 scopes") }
                    let queue = try PacketQueue.openAnywhere(from: Limits.firstHostQueue + UInt16(number))
                    let queueNumber = queue.number
                    let (listeners, port) = try Listeners.openAnywhere()
                    try agent.add(service, queue: queue, listeners: listeners, scope: number)
                    scopes.append(.init(number: number, match: match, queue: queueNumber, listenerPort: port))
                }
            case .cable(let path):
                try AgentCable.lay(into: path, host: host, statement: statement) {
                    try agent.add(
                        service, queue: PacketQueue(number: Limits.queue), listeners: .open(), scope: 0)
                }
            }
            agents.append(agent)
        }
        let ruleset = HostRuleset(gatewayUser: account.user, scopes: scopes)
        if scopes.isEmpty { _ = try HostRuleset.remove() } else { try ruleset.load(statement) }
        // What an earlier policy let through is judged anew.
        try Conntrack.forget(mark: FlowMark.prefix, mask: FlowMark.prefixMask)

        let tag = Self.tag(scopes)
        if let failure = tag { report("set-user-ID programs of a guarded user are NOT covered: \(failure)") }
        // After the marks: a socket without one is among those that are ended here.
        let lingering = Self.endConnections(scopes)
        if let failure = lingering { report("a guarded user's connections from before are NOT ended: \(failure)") }

        let status = try GatewayStatus(
            service: agents, scopes: scopes, options: options, queue: statement, untagged: tag, lingering: lingering)
        defer { status.remove() }
        try ProcessSettings.become(account)
        try ProcessSettings.closeMemory()
        let places = agents.reduce(0) { $0 + $1.places.count }
        for agent in agents {
            for place in agent.places {
                place.packets.start()
                try Proxy(
                    agent: agent.agent, policy: options.policy, pins: agent.pins, names: place.names,
                    recorder: service.recorder, sessions: sessions, descriptorLimit: descriptorLimit / places
                ).listen(on: place.listeners)
            }
        }
        if let note = Self.forwardingNote(scopes, options.policy) { report(note) }
        for agent in agents { report("guarding \(agent.rule.name): \(agent.way)") }
        report("ready; \(statement.rawValue); agents must trust \(kept.certificatePath)")
        ServiceManager.ready(status: "guarding \(agents.map(\.rule.name).joined(separator: ", "))")
        try watch(ruleset, statement)
        ServiceManager.stopping()
        return 0
    }

    /// Takes the rules of a service that has ended away.
    ///
    /// - Returns: false when there were none.
    package static func down() throws -> Bool {
        guard ProcessSettings.isRoot else { throw ScopeError("down needs root; call it with sudo") }
        if let running = try GatewayStatus.runningService() {
            throw ScopeError("the service runs (process \(running.process)): stop it first")
        }
        let wereThere = try HostRuleset.remove()
        // Marks without rules mean nothing; where there can be none there are none.
        try? SocketTag.remove()
        return wereThere
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
            try UserSockets.end(of: scopes.compactMap(\.match.user))
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Keeps the ruleset true to what it names until a signal ends the service.
    private static func watch(_ ruleset: HostRuleset, _ statement: QueueStatement) throws {
        var watch = ScopeWatch(ruleset: ruleset, statement: statement)
        while true {
            let signal = try SignalRelay.next(within: Limits.watchMilliseconds)
            if [SIGTERM, SIGINT, SIGHUP, SIGQUIT].contains(signal) { return }
            try watch.look()
        }
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

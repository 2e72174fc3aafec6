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
        let trust = try GatewayTrust()
        let hostSockets = try HostSockets.bound()
        let hostNamespace = try NetworkNamespace.current()

        try NetworkNamespace.enterNew()
        let link = JailLink()
        let specification = JailSpecification(
            command: options.command, environment: JailEnvironment.make(from: options.environment, for: options.user),
            user: options.user, link: link, allowedSockets: options.allowedSockets, hostSockets: hostSockets)
        let jail = try JailProcess.start(specification) { try trust.files(resolver: link.gatewayV4) }
        // The jail's process is made, so that this one may have threads: for what takes as long as the link and the ruleset.
        let probe = try Ahead { try QueueTarget.kernelQueueStatement() }
        let sessions = try Ahead { try TLSSessions(trust: trust, extraCA: options.policy.extraCA) }
        // Not before: the command keeps its invoker's limit. Programs close, or select(2) among, as many as they may have.
        let descriptorLimit = ProcessSettings.raiseDescriptorLimit()
        let route = try RouteSocket()
        try route.addVethPair(link, agentNamespace: .ofProcess(jail.identifier))
        try link.configureGatewayEnd(route)
        try jail.linkIsReady()
        let statement = try probe.value()
        try GatewayRuleset(link).load(statement)
        let queue = try PacketQueue(number: Limits.queue)
        let sender = try RawPacketSender()
        let listeners = try Listeners.open()
        try NetworkNamespace.enter(hostNamespace)

        // The thread that made them is gone before privileges are given up and before anything of the agent's is read.
        let prepared = try sessions.value()
        try ProcessSettings.keepGatewayCapabilities()
        try ProcessSettings.closeMemory()
        let status = try GatewayStatus(agent: agent, options: options, jail: jail.identifier, queue: statement)
        defer { status.remove() }
        let pins = PinStore()
        let names = try NameMailbox()
        let recorder = FloodGuardedLog(options.log)
        let packets = PacketLoop(
            agent: agent, policy: options.policy, pins: pins, names: names, recorder: recorder, resolvers: resolvers,
            queue: queue, sender: sender)
        packets.start()
        let proxy = try Proxy(
            agent: agent, policy: options.policy, pins: pins, names: names, recorder: recorder, sessions: prepared,
            descriptorLimit: descriptorLimit)
        try proxy.listen(on: listeners)
        try jail.run()
        return try SignalRelay.wait(for: jail)
    }
}

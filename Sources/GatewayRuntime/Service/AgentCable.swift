internal import LinuxKernel

/// The network of a namespace that has none: a link like a jail's, to a gateway namespace like a jail's.
///
///     gateway namespace: listeners, queue, ruleset ── agent0 ═══ eth0 ── the agent's namespace
enum AgentCable {
    /// Lays the cable and loads the ruleset, and calls `open` in the gateway's namespace.
    ///
    /// - Parameters:
    ///   - path: of the agent's namespace.
    ///   - host: the namespace that the thread is in, and is in again afterwards.
    static func lay(
        into path: String, host: borrowing Descriptor, statement: QueueStatement, open: () throws -> Void
    ) throws {
        let agent = try Descriptor.open(path, 0)
        let link = JailLink()
        try NetworkNamespace.enterNew()
        // Whatever fails, the gateway namespace goes with the thread's leaving it, and the cable with that.
        let laid = Result {
            let route = try RouteSocket()
            try route.addVethPair(link, agentNamespace: .descriptor(agent.number))
            try link.configureGatewayEnd(route)
            try GatewayRuleset(link).load(statement)
            try open()
        }
        guard case .success = laid else {
            try NetworkNamespace.enter(host)
            return try laid.get()
        }
        try NetworkNamespace.enter(agent)
        let configured = Result { try link.configureAgentEnd(try RouteSocket()) }
        try NetworkNamespace.enter(host)
        try configured.get()
    }
}

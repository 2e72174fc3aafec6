/// What has to be known of an agent to cut it off, and to say what became of it, when its gateway is dead, stopped or wedged:
/// written when its guarding begins, read by `drop`, `raise` and `evidence`.
package struct AgentRecord: Hashable, Sendable {
    /// A network namespace with a seal table for the agent.
    package struct Place: Hashable, Sendable {
        /// The number of the namespace's file (namespaces(7)).
        package var namespace: UInt64
        /// Where the namespace can be entered by, while the gateway lives.
        package var path: String
        /// Only this agent's traffic is in it.
        package var isOwn: Bool
        package var table: String
        package var hasBridge: Bool
        /// Makes the tables anew, awake.
        package var text: String
        /// The tables as listed when they were loaded.
        package var listing: String

        package init(
            namespace: UInt64, path: String, isOwn: Bool, table: String, hasBridge: Bool, text: String, listing: String
        ) {
            self.namespace = namespace
            self.path = path
            self.isOwn = isOwn
            self.table = table
            self.hasBridge = hasBridge
            self.text = text
            self.listing = listing
        }
    }

    package var name: String
    /// The gateway's process, and when it started in clock ticks since boot.
    package var process: Int32
    package var startedAt: UInt64
    /// Guarded by `up`, whose rules outlive it; else a jail of `run`, which ends with its gateway.
    package var isService: Bool
    /// The network namespace that the gateway reaches servers from.
    package var hostNamespace: UInt64
    package var places: [Place] = []
    /// Connection tracking's marks of its flows in shared namespaces, in the bits of 0xffffff00.
    package var flows: [UInt32] = []
    /// The mark of the gateway's sockets on its behalf.
    package var servedMark: UInt32
    package var users: [UInt32] = []
    /// Below the root of the unified hierarchy.
    package var cgroups: [String] = []
    package var interfaces: [String] = []
    /// A jail's process namespace.
    package var processNamespace: UInt64?
    /// The network namespaces that its processes live in, where those are its own.
    package var agentNamespaces: [UInt64] = []
    /// Where that namespace can be entered by, for as long as it is the one of that number.
    package var agentPath: String?
    /// The file that its service is sealed by when it is there.
    package var sentinel: String?

    package init(name: String, process: Int32, startedAt: UInt64, isService: Bool, hostNamespace: UInt64, servedMark: UInt32) {
        self.name = name
        self.process = process
        self.startedAt = startedAt
        self.isService = isService
        self.hostNamespace = hostNamespace
        self.servedMark = servedMark
    }

    package var isGatewayAlive: Bool { StatusFolder.isAlive(process, startedAt: startedAt) }
}

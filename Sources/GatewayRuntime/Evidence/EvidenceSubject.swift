package import LinuxKernel

/// Whom and what a bundle is about: one agent with the gateway around it.
package struct EvidenceSubject: Sendable {
    /// A network namespace that the agent's traffic passes.
    package struct Place: Hashable, Sendable {
        /// The number of the namespace's file.
        package var namespace: UInt64
        /// Where it can be opened, for as long as the bundle is made: `/proc/PID/ns/net`, `/proc/self/fd/N`.
        package var path: String
        /// True where others have flows and sockets too, as in the machine's own: only what is known to be the agent's or
        /// its gateway's is taken from there. Elsewhere everything is.
        package var isShared: Bool

        package init(namespace: UInt64, path: String, isShared: Bool) {
            self.namespace = namespace
            self.path = path
            self.isShared = isShared
        }
    }

    /// The process around the agent.
    package struct Gateway: Hashable, Sendable {
        package var process: Int32
        /// In clock ticks since boot.
        package var start: UInt64
        package var isAlive: Bool

        package init(process: Int32, start: UInt64, isAlive: Bool) {
            self.process = process
            self.start = start
            self.isAlive = isAlive
        }
    }

    package var name: String
    package var users: [UInt32] = []
    package var cgroups: [CgroupPath] = []
    package var interfaces: [String] = []
    /// The process namespace of a jail.
    package var processNamespace: UInt64?
    package var places: [Place] = []
    /// Marks of its flows and sockets; in places that are shared they tell its flows from others'.
    package var marks: [FlowMarkFilter] = []
    package var gateway: Gateway?
    /// Guarded by `run`, whose gateway answers at a socket of its own.
    package var isJail = false
    package var log: String?
    /// Why there is no log.
    package var noLog = "its gateway writes decisions into no file; `--log FILE` has it do so"
    package var policy: PolicyOrigin?
    /// What of it could not be found out.
    package var unknown: [EvidenceGap] = []

    package init(name: String) { self.name = name }
}

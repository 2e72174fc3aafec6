/// All that a jail is made from.
package struct JailSpecification: Sendable {
    /// The program and its arguments; the program is looked up in the environment's `PATH`.
    package var command: [[UInt8]]
    /// `NAME=value`. Both are byte for byte: the kernel promises no encoding.
    package var environment: [[UInt8]]
    package var user: JailUser
    package var link: JailLink
    /// Sockets outside the jail that stay reachable, as absolute paths.
    package var allowedSockets: [String]

    /// Sockets of the host that are covered, from ``HostSockets/bound()``.
    package var hostSockets: [String]

    /// The gateway's socket for the jail's own tools; inside it is `agent.sock` of ``JailFile/folder``.
    package var agentSocket: String

    package init(
        command: [[UInt8]], environment: [[UInt8]], user: JailUser, link: JailLink, allowedSockets: [String],
        hostSockets: [String], agentSocket: String
    ) {
        self.agentSocket = agentSocket
        self.hostSockets = hostSockets
        self.command = command
        self.environment = environment
        self.user = user
        self.link = link
        self.allowedSockets = allowedSockets
    }
}

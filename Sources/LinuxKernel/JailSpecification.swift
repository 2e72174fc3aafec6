/// All that a jail is made from.
package struct JailSpecification: Sendable {
    /// The program and its arguments; the program is looked up in the environment's `PATH`.
    package var command: [String]
    /// `NAME=value`.
    package var environment: [String]
    package var user: JailUser
    package var link: JailLink
    /// Sockets outside the jail that stay reachable, as absolute paths.
    package var allowedSockets: [String]

    /// Sockets of the host that are covered, from ``HostSockets/bound()``.
    package var hostSockets: [String]

    package init(
        command: [String], environment: [String], user: JailUser, link: JailLink, allowedSockets: [String],
        hostSockets: [String]
    ) {
        self.hostSockets = hostSockets
        self.command = command
        self.environment = environment
        self.user = user
        self.link = link
        self.allowedSockets = allowedSockets
    }
}

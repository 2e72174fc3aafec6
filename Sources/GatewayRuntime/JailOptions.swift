package import LinuxKernel
package import Policy

/// What `portcullis run` was asked for.
package struct JailOptions: Sendable {
    package var policy: CompiledPolicy
    package var command: [String]
    package var user: JailUser
    package var allowedSockets: [String]
    package var log: DecisionLog
    /// Variables of the invoker that the command gets, before the gateway's own are set.
    package var environment: [String]

    package init(
        policy: CompiledPolicy, command: [String], user: JailUser, allowedSockets: [String], log: DecisionLog,
        environment: [String]
    ) {
        self.policy = policy
        self.command = command
        self.user = user
        self.allowedSockets = allowedSockets
        self.log = log
        self.environment = environment
    }
}

package import LinuxKernel
package import Policy

/// What `portcullis run` was asked for.
package struct JailOptions: Sendable {
    /// The agent that the command is: what `drop` knows it by.
    package var name: String
    package var policy: CompiledPolicy
    /// The program and its arguments, byte for byte.
    package var command: [[UInt8]]
    package var user: JailUser
    package var allowedSockets: [String]
    package var log: DecisionLog
    /// Variables of the invoker that the command gets, before the gateway's own are set.
    package var environment: [[UInt8]]
    /// Where the policy came from, for evidence.
    package var origin: PolicyOrigin

    package init(
        name: String, policy: CompiledPolicy, command: [[UInt8]], user: JailUser, allowedSockets: [String], log: DecisionLog,
        environment: [[UInt8]], origin: PolicyOrigin
    ) {
        self.name = name
        self.policy = policy
        self.command = command
        self.user = user
        self.allowedSockets = allowedSockets
        self.log = log
        self.environment = environment
        self.origin = origin
    }
}

package import Policy

/// What `portcullis up` was asked for.
package struct UpOptions: Sendable {
    package var policy: CompiledPolicy
    /// Whom to guard, the policy's agents and the command line's; never empty, and no jails among them.
    package var agents: [AgentRule]
    package var log: DecisionLog
    /// Where the certificate authority is kept.
    package var authorityFolder: String
    /// Where the policy came from, for evidence.
    package var origin: PolicyOrigin

    package init(
        policy: CompiledPolicy, agents: [AgentRule], log: DecisionLog, authorityFolder: String, origin: PolicyOrigin
    ) {
        self.policy = policy
        self.agents = agents
        self.log = log
        self.authorityFolder = authorityFolder
        self.origin = origin
    }
}

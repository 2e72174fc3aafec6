package import Policy

/// What `portcullis up` was asked for.
package struct UpOptions: Sendable {
    package var policy: CompiledPolicy
    /// Whom to guard, the policy's agents and the command line's; never empty, and no jails among them.
    package var agents: [AgentRule]
    package var log: DecisionLog
    /// Where the certificate authority is kept.
    package var authorityFolder: String
    /// For the registry: where the decisions go and the policy comes from, when those are files.
    package var logPath: String?
    package var policyPath: String?

    package init(policy: CompiledPolicy, agents: [AgentRule], log: DecisionLog, authorityFolder: String, logPath: String?, policyPath: String?) {
        self.policy = policy
        self.agents = agents
        self.log = log
        self.authorityFolder = authorityFolder
        self.logPath = logPath
        self.policyPath = policyPath
    }
}

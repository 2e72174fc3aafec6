/// How much a refusal says about the agent.
package enum Severity: String, CaseIterable, Sendable, Hashable {
    /// What agents run into all day, and what the agent has no part in.
    case info
    /// Worth a person's look; an ordinary program can come to it, too.
    case notice
    /// Evidence that data was carried out past the policy, or that somebody tried to: no ordinary program comes to it, or
    /// none that may be let go on. `critical_findings` of the policy counts these.
    case critical
}

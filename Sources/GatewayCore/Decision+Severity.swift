package import Policy

extension Decision {
    /// How much it says about the agent. What was only observed counts the same: it was done.
    package var severity: Severity { reason?.severity ?? .info }
}

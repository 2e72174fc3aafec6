/// What seals agents without anybody giving the command. The command, a signal and the control socket always do.
package struct KillSwitchRules: Hashable, Sendable {
    /// The agent that they are about is sealed; `nil` when findings seal nobody.
    package let criticalFindings: FindingThreshold?
    /// Whether every agent is sealed when the record cannot be written. Without it what cannot be recorded does not pass,
    /// and traffic goes on once recording does.
    package let recorderFailure: Bool
    /// Seconds without a heartbeat after which every agent is sealed; `nil` when none is waited for.
    package let heartbeatLostSeconds: UInt64?
    /// Whether every agent is sealed when somebody else changes the gateway's ruleset.
    package let rulesetTampered: Bool
    /// Absolute path of the file whose being there seals every agent; `nil` for the service's own.
    package let sentinel: String?

    package init(
        criticalFindings: FindingThreshold? = nil, recorderFailure: Bool = false, heartbeatLostSeconds: UInt64? = nil,
        rulesetTampered: Bool = true, sentinel: String? = nil
    ) {
        self.criticalFindings = criticalFindings
        self.recorderFailure = recorderFailure
        self.heartbeatLostSeconds = heartbeatLostSeconds
        self.rulesetTampered = rulesetTampered
        self.sentinel = sentinel
    }

    package static let standard = KillSwitchRules()
}

extension KillSwitchRules {
    /// What each rule means, a line each, those that are off included: a protection that is not there is to be seen.
    var words: [String] {
        [
            "sealed for critical findings: "
                + (criticalFindings.map { "an agent with \($0.count) of them within \(DurationText.text(seconds: $0.seconds))" }
                    ?? "nobody; they are refused and recorded"),
            "sealed when the record cannot be written: "
                + (recorderFailure ? "every agent" : "nobody; what cannot be recorded does not pass"),
            "sealed when heartbeats stop: "
                + (heartbeatLostSeconds.map { "every agent, after \(DurationText.text(seconds: $0)) without one" }
                    ?? "nobody; none is waited for"),
            "sealed when somebody else changes the ruleset: " + (rulesetTampered ? "every agent" : "nobody"),
            "sealed by a file: every agent, as soon as \(sentinel ?? "the service's own sentinel") is there",
        ]
    }
}

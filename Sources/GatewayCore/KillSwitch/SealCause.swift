internal import Policy

/// Why an agent was sealed: what pulled the switch, who, when, and in whose words.
package struct SealCause: Hashable, Sendable {
    /// What pulled it. The raw values are kept in seal records and logs: they never change.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        /// `portcullis drop`.
        case command
        /// A signal to the service.
        case signal
        /// The sentinel file is there.
        case sentinel
        /// An order over the control socket.
        case control
        /// More critical findings about the agent than the policy lets it have.
        case criticalFindings = "critical_findings"
        /// Nobody renewed the lease.
        case heartbeatLost = "heartbeat_lost"
        /// What happens could not be recorded any more.
        case recorderFailed = "recorder_failed"
        /// Somebody else changed the gateway's ruleset.
        case rulesetTampered = "ruleset_tampered"
        /// The service itself ended, or lost a part that it cannot do without.
        case serviceFailed = "service_failed"
        /// The agent was sealed when the service last ran, and nobody has lifted that.
        case restored
        /// It is sealed and nobody has said why: a record that cannot be read, or a table that was woken by hand. Gives way
        /// to any cause that is known.
        case unknown
    }

    package let code: Code
    /// In a person's words, or with the numbers that led to it: one line, at most ``Limits/sealReasonBytes`` and the mark of
    /// what was cut. Empty when nothing was said.
    package let reason: String
    /// Whose order it was; `nil` where no account gave one.
    package let uid: UInt32?
    /// Wall clock, nanoseconds since 1970 (UTC).
    package let at: UInt64

    /// - Parameter reason: any text; what does not print is taken out, line ends among it, and it is cut.
    package init(_ code: Code, reason: String = "", uid: UInt32? = nil, at: UInt64) {
        self.code = code
        self.reason = TextSafety.printable(reason, limitBytes: Limits.sealReasonBytes)
        self.uid = uid
        self.at = at
    }
}

extension SealCause: CustomStringConvertible {
    /// `command by uid 0: it asked for the customers' table`
    package var description: String {
        code.rawValue + (uid.map { " by uid \($0)" } ?? "") + (reason.isEmpty ? "" : ": \(reason)")
    }
}

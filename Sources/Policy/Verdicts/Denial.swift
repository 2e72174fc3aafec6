/// A refusal, with all that the person and the agent need to understand it.
///
/// The text in it comes from traffic: it is bounded and free of control bytes, and the remedy is quoted as YAML.
package struct Denial: Hashable, Sendable {
    package let reason: Reason
    /// The deny rule, or the allow rule that came nearest; `nil` when no rule speaks of the subject.
    package let origin: RuleOrigin?
    /// True when `origin` is a deny rule: no allow line helps against it.
    package let isByDenyRule: Bool
    /// What was refused: `api.example.com`, `POST api.example.com/v1`, `10.0.0.1:5432`.
    package let subject: String
    /// The line that would allow it; `nil` when no line can, or none should be pasted.
    package let remedy: PolicyLine?

    /// - Parameter subject: any text; it is made printable and cut at ``PolicyLimits/denialSubjectBytes``.
    package init(
        reason: Reason, origin: RuleOrigin? = nil, isByDenyRule: Bool = false, subject: String, remedy: PolicyLine? = nil
    ) {
        self.reason = reason
        self.origin = origin
        self.isByDenyRule = isByDenyRule
        self.subject = TextSafety.printable(subject, limitBytes: PolicyLimits.denialSubjectBytes)
        self.remedy = remedy
    }
}

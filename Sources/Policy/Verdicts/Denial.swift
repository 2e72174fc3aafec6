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

extension Denial {
    /// True when the reason's own words are of missing allow rules, though a deny rule decided.
    private var hidesDenyRule: Bool {
        let ofAllowRules: Set<Reason> = [
            .httpPathNotAllowed, .httpMethodNotAllowed, .httpHostNotAllowed, .tlsSNINotAllowed, .ipPortNotAllowed,
        ]
        return isByDenyRule && ofAllowRules.contains(reason)
    }

    /// Why, in a sentence. What a reason says of missing rules is not so when a deny rule decides.
    package var sentence: String {
        hidesDenyRule ? "A deny rule covers it, and wins over every allow rule." : reason.explanation.sentence
    }

    /// What to do about it, in a sentence.
    package var hint: String {
        guard hidesDenyRule else { return reason.remedyHint }
        return "Remove or narrow the deny rule\(origin.map { " at \($0)" } ?? "") if the agent should get through."
    }
}

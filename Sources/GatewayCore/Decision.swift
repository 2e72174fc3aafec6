package import Policy

/// One line of the decision log. It holds names, methods and paths, never header values, query strings or bodies.
package struct Decision: Hashable, Sendable {
    package enum Action: String, Hashable, Sendable {
        case allow
        case deny
        /// Let through in observe mode; the reason says why it would have been refused.
        case observe
    }

    /// The link of the identity chain that decided.
    package enum Stage: String, Hashable, Sendable {
        case dns
        case flow
        case tls
        case http
        /// No link: the kill switch, which cuts them all.
        case kill
    }

    package var stage: Stage
    package var action: Action
    package var agent: AgentID
    /// What was decided upon: a name, an address with its port, a method with host and path.
    package var subject: String
    /// Absent for an allow.
    package var reason: Reason?
    /// More than the reason says, for people: which certificate, which rule of HTTP.
    package var detail: String?
    /// The policy line that decided.
    package var origin: RuleOrigin?
    /// The policy line that would allow it.
    package var remedy: PolicyLine?
    /// What to do where there is no such line, for people.
    package var hint: String?

    package init(
        stage: Stage, action: Action, agent: AgentID, subject: String, reason: Reason? = nil, detail: String? = nil,
        origin: RuleOrigin? = nil, remedy: PolicyLine? = nil
    ) {
        self.stage = stage
        self.action = action
        self.agent = agent
        let redacted = PathRedaction.redacted(subject)
        self.subject = redacted ?? subject
        self.reason = reason
        self.detail = detail
        self.origin = origin
        // The line would repeat what was taken out; the agent's own answer has it.
        self.remedy = redacted == nil ? remedy : nil
    }

    /// A refusal as the policy put it; `observed` when it was let through all the same.
    package init(stage: Stage, agent: AgentID, denial: Denial, observed: Bool = false, detail: String? = nil) {
        self.init(
            stage: stage, action: observed ? .observe : .deny, agent: agent, subject: denial.subject,
            reason: denial.reason, detail: detail, origin: denial.origin, remedy: denial.remedy)
        hint = denial.hint
    }
}

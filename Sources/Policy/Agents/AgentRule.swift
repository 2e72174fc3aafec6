/// One entry of `agents`: whom `portcullis up` guards.
package struct AgentRule: Hashable, Sendable {
    /// For logs and `status`; letters, digits, `.`, `_` and `-`, unique in a policy.
    package let name: String
    package let scope: AgentScope
    package let origin: RuleOrigin

    package init(name: String, scope: AgentScope, origin: RuleOrigin) {
        self.name = name
        self.scope = scope
        self.origin = origin
    }
}

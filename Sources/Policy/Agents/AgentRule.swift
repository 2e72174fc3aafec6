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

    /// Whether somebody can be called so: letters, digits, `.`, `_` and `-`, 64 at most. Its seal is kept in a file of that
    /// name: no hidden one, and neither `.` nor `..`.
    package static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64 && !text.hasPrefix("-") && !text.hasPrefix(".") && text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
            default: false
            }
        }
    }
}

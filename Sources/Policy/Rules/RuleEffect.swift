/// Whether a rule opens or closes.
package enum RuleEffect: String, Sendable, Hashable {
    case allow
    case deny
}

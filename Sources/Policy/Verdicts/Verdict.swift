/// What the policy says.
package enum Verdict: Hashable, Sendable {
    case allow(Approved)
    case deny(Denial)

    package var isAllowed: Bool {
        switch self {
        case .allow: true
        case .deny: false
        }
    }

    /// `nil` for an allow.
    package var denial: Denial? {
        switch self {
        case .allow: nil
        case .deny(let denial): denial
        }
    }

    /// The rule that decided, or came nearest.
    package var origin: RuleOrigin? {
        switch self {
        case .allow(let approved): approved.origin
        case .deny(let denial): denial.origin
        }
    }
}

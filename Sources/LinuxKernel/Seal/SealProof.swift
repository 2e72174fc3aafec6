/// What the kernel says of an agent's seal in one namespace, read back after it was woken.
package struct SealProof: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Awake, with every hook.
        case inForce
        case asleep
        /// There is no such table.
        case missing
        /// Awake, but not what was loaded.
        case altered
    }

    package var state: State
    /// The tables as the ruleset compiler lists them, without counters; empty where there are none.
    package var listing: String
    /// Whether the rules are those that were loaded, awake or asleep.
    package var isAsLoaded: Bool

    /// Looks at the thread's network namespace.
    ///
    /// - Parameter expected: the listing when the tables were loaded; `nil` where nobody has kept it: then the number of
    ///   hooks is looked at.
    package init(table name: String, hasBridge: Bool, expected: String?) throws(SystemCallError) {
        let reader = try SealTableReader()
        guard let isAwake = try reader.isAwake(name) else {
            self.init(state: .missing, listing: "", isAsLoaded: false)
            return
        }
        var listing = (try? RulesetText.list("table inet \(name)")) ?? ""
        if hasBridge { listing += (try? RulesetText.list("table bridge \(name)")) ?? "" }
        let hooks = listing.split(separator: "\n").count { $0.contains(" hook ") }
        let isAsLoaded = expected.map { Self.awake($0) == Self.awake(listing) } ?? (hooks >= Self.hooks)
        let isListedAwake = !listing.split(separator: "\n").contains { $0.contains("flags dormant") }
        self.init(
            state: !isAwake || !isListedAwake ? .asleep : isAsLoaded ? .inForce : .altered, listing: listing,
            isAsLoaded: isAsLoaded)
    }

    private init(state: State, listing: String, isAsLoaded: Bool) {
        self.state = state
        self.listing = listing
        self.isAsLoaded = isAsLoaded
    }

    /// Five places of a packet's way, before and after the packet queue.
    private static let hooks = 10

    /// How many base chains stand in its way.
    package var hookCount: Int { listing.split(separator: "\n").count { $0.contains(" hook ") } }

    /// How many rules there are, beside the chains' policies.
    package var ruleCount: Int {
        listing.split(separator: "\n").count { $0.contains(" drop") || $0.contains(" accept") || $0.contains("jump ") }
            - hookCount
    }

    /// A listing but for whether it is asleep, for empty lines, and for the ports of bridges, which come and go.
    private static func awake(_ listing: String) -> [Substring] {
        var isInElements = false
        return listing.split(separator: "\n").filter { line in
            if line.contains("elements = {") { isInElements = true }
            defer { if line.contains("}") { isInElements = false } }
            return !isInElements && !line.contains("flags dormant") && !line.allSatisfy(\.isWhitespace)
        }
    }
}

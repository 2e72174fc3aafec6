import WireFormats

/// Finds the rules that cover a name: one lookup for the name itself and one for each of its suffixes, however many
/// hosts the policy lists.
struct HostIndex: Sendable {
    /// The rules of one pattern.
    struct Entry: Sendable {
        var allow: [HostRule] = []
        var deny: [HostRule] = []
        var hasPaths = false

        mutating func add(_ rule: HostRule) {
            switch rule.effect {
            case .allow: allow.append(rule)
            case .deny: deny.append(rule)
            }
            if !rule.paths.isEmpty { hasPaths = true }
        }
    }

    private var exact: [HostName: Entry] = [:]
    /// Keyed by slices, so that a suffix of a name is looked up without being copied.
    private var below: [Substring: Entry] = [:]
    /// Labels of the longest suffix in `below`: longer ones are not looked up.
    private var deepestSuffix = 0

    init(_ rules: [HostRule]) {
        exact.reserveCapacity(rules.count)
        for rule in rules {
            switch rule.pattern {
            case .exact(let name): exact[name, default: Entry()].add(rule)
            case .below(let name):
                below[name.text[...], default: Entry()].add(rule)
                deepestSuffix = max(deepestSuffix, name.labels.count)
            }
        }
    }

    /// Calls `body` with the rules of each pattern that covers `name`, the exact name first, then from the shortest
    /// suffix to the longest.
    ///
    /// - Parameter body: returns false to stop.
    /// - Returns: how many lookups were made: at most one more than the labels of the longest wildcard.
    @discardableResult
    func forEachEntry(covering name: HostName, _ body: (Entry) -> Bool) -> Int {
        var probes = 1
        if let entry = exact[name], !body(entry) { return probes }
        guard deepestSuffix > 0 else { return probes }
        let text = name.text
        var labels = 0
        var index = text.utf8.endIndex
        while index > text.utf8.startIndex {
            text.utf8.formIndex(before: &index)
            guard text.utf8[index] == UInt8(ascii: ".") else { continue }
            labels += 1
            guard labels <= deepestSuffix else { break }
            probes += 1
            if let entry = below[text[text.utf8.index(after: index)...]], !body(entry) { break }
        }
        return probes
    }
}

import WireFormats

/// Finds the rules that cover an address: one lookup for each prefix length in use.
struct AddressIndex: Sendable {
    private var rules: [IPPrefix: [AddressRule]] = [:]
    /// Prefix lengths in use, longest first.
    private var lengthsV4: [Int] = []
    private var lengthsV6: [Int] = []

    init(_ list: [AddressRule]) {
        for rule in list { rules[rule.prefix, default: []].append(rule) }
        lengthsV4 = Set(list.lazy.map(\.prefix).filter { $0.base.family == .v4 }.map(\.length)).sorted(by: >)
        lengthsV6 = Set(list.lazy.map(\.prefix).filter { $0.base.family == .v6 }.map(\.length)).sorted(by: >)
    }

    /// Calls `body` with every rule that covers `address`, the narrowest first, until it returns false.
    func forEachRule(covering address: IPAddress, _ body: (AddressRule) -> Bool) {
        for length in address.family == .v4 ? lengthsV4 : lengthsV6 {
            guard let prefix = IPPrefix(address.masked(to: length), length: length), let found = rules[prefix] else { continue }
            for rule in found where !body(rule) { return }
        }
    }
}

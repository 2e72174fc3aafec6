/// A validated policy: what the files say, in order, before it is made ready for matching.
package struct PolicyModel: Hashable, Sendable {
    package internal(set) var mode: PolicyMode
    package internal(set) var resolver: DNSResolver
    package internal(set) var dnsBudget = DNSBudget.standard
    package internal(set) var killSwitch = KillSwitchRules.standard
    /// Name or number of the group that may use the control socket besides root; `nil` for root alone.
    package internal(set) var controlGroup: String?
    /// Absolute paths of PEM files, in order, each once.
    package private(set) var extraCA: [String]
    /// Whom `portcullis up` guards, in order.
    package internal(set) var agents: [AgentRule]
    package private(set) var hostRules: [HostRule]
    package private(set) var addressRules: [AddressRule]
    /// Files, presets and flags that the policy was made of.
    package private(set) var sources: [String]

    /// No policy at all: nothing is allowed, and every denial says what to do first.
    package static let empty = PolicyModel(
        mode: .enforce, resolver: .system, extraCA: [], agents: [], hostRules: [], addressRules: [], sources: [])

    /// True when nobody has given a policy.
    package var isMissing: Bool { sources.isEmpty }

    package var ruleCount: Int { hostRules.count + addressRules.count }

    mutating func addSource(_ name: String) { sources.append(name) }

    mutating func add(_ file: PolicyFile) {
        for path in file.extraCA where !extraCA.contains(path) { extraCA.append(path) }
        agents += file.agents
        hostRules += file.hostRules
        addressRules += file.addressRules
    }

    package func compiled() -> CompiledPolicy { CompiledPolicy(self) }
}

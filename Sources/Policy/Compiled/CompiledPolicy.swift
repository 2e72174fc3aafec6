import WireFormats

/// A policy ready to judge traffic. Every question takes constant time in the number of rules, and an allow on a host
/// without path patterns allocates nothing.
///
/// In ``PolicyMode/observe`` the verdicts are the same denials: whoever asks lets them pass where
/// ``Reason/isWaivedByObserve`` says so. Deny rules win over allow rules whatever file they come from.
package struct CompiledPolicy: Sendable {
    package let mode: PolicyMode
    package let resolver: DNSResolver
    package let dnsBudget: DNSBudget
    package let killSwitch: KillSwitchRules
    /// Name or number of the group that may use the control socket besides root; `nil` for root alone.
    package let controlGroup: String?
    /// Absolute paths of PEM files with roots that are trusted besides the system's.
    package let extraCA: [String]
    /// Whom `portcullis up` guards.
    package let agents: [AgentRule]
    /// No policy was given: everything is denied as `policy.missing`.
    package let isMissing: Bool
    /// The rules in the order they were written, for ``summary()``.
    let model: PolicyModel
    let hosts: HostIndex
    let addresses: AddressIndex

    package init(_ model: PolicyModel) {
        mode = model.mode
        resolver = model.resolver
        dnsBudget = model.dnsBudget
        killSwitch = model.killSwitch
        controlGroup = model.controlGroup
        extraCA = model.extraCA
        agents = model.agents
        isMissing = model.isMissing
        self.model = model
        hosts = HostIndex(model.hostRules)
        addresses = AddressIndex(model.addressRules)
    }

    /// Whether anything that is allowed may pass uninspected.
    package var hasForwardedFlows: Bool {
        model.addressRules.contains { $0.effect == .allow } || model.hostRules.contains { $0.inspection == .sni }
    }

    /// The denial of everything while there is no policy.
    func missing(_ subject: String) -> Verdict { .deny(Denial(reason: .policyMissing, subject: subject)) }
}

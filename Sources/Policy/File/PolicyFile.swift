/// What one policy file says, before the files it extends are joined to it.
struct PolicyFile {
    struct Extension {
        let name: String
        let line: Int
        let column: Int
    }

    var mode: PolicyMode?
    var extends: [Extension] = []
    var agents: [AgentRule] = []
    var hostRules: [HostRule] = []
    var addressRules: [AddressRule] = []
    var resolver: DNSResolver?
    var extraCA: [String] = []
    var dnsBudget = DNSBudgetKeys()
    var killSwitch = KillSwitchKeys()
    var controlGroup: String?
}

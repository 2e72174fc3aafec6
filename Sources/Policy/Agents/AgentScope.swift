/// What tells an agent's traffic from everybody else's.
package enum AgentScope: Hashable, Sendable {
    /// Processes of an account of this machine: its name or number.
    case user(String)
    /// Processes of a control group (version 2) and of the groups below it: a path from the hierarchy's root.
    case cgroup(String)
    /// What comes from an interface: a virtual machine's tap, a container's veth, a bridge.
    case interface(String)
    /// An existing network namespace: a name of ip-netns(8), or a path.
    case netns(String)
    /// The command of `portcullis run`.
    case jail

    /// The keys under `scope`, in the order they are explained in.
    package static let keys = ["user", "cgroup", "interface", "netns", "jail"]
}

extension AgentScope: CustomStringConvertible {
    package var description: String {
        switch self {
        case .user(let name): "user \(name)"
        case .cgroup(let path): "cgroup \(path)"
        case .interface(let name): "interface \(name)"
        case .netns(let name): "netns \(name)"
        case .jail: "jail"
        }
    }
}

extension AgentScope {
    /// A scope from a key and its value, as policy files and the command line have them.
    ///
    /// The values end up in rulesets and paths: what could be read as anything but a name there is refused.
    ///
    /// - Throws: what is wrong with the value, and a value that would do.
    package init(key: String, value: String) throws(AgentScopeError) {
        switch key {
        case "user":
            guard Self.isName(value, limit: 32, extra: "._-$") else {
                throw AgentScopeError("`user` takes an account's name or number", remedy: "user: agent")
            }
            self = .user(value)
        case "cgroup":
            var path = value
            for root in ["/sys/fs/cgroup/", "/"] where path.hasPrefix(root) {
                path.removeFirst(root.count)
                break
            }
            while path.hasSuffix("/") { path.removeLast() }
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            guard !path.isEmpty, parts.count <= 32,
                parts.allSatisfy({ $0 != "." && $0 != ".." && Self.isName($0, limit: 255, extra: "._-@:\\") })
            else {
                throw AgentScopeError(
                    "`cgroup` takes a path below the root of the cgroup hierarchy", remedy: "cgroup: system.slice/agent.service")
            }
            self = .cgroup(path)
        case "interface":
            // IFNAMSIZ is 16 with the terminator (linux/if.h).
            guard Self.isName(value, limit: 15, extra: "._-@:"), value != ".", value != ".." else {
                throw AgentScopeError("`interface` takes the name of a network interface", remedy: "interface: tap0")
            }
            guard value != "lo" else {
                throw AgentScopeError("`lo` is everybody's; guard a user or a cgroup", remedy: "user: agent")
            }
            self = .interface(value)
        case "netns":
            let isPath = value.hasPrefix("/") && value.utf8.count < 4096 && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
            guard isPath || Self.isName(value, limit: 255, extra: "._-@:") && value != "." && value != ".." else {
                throw AgentScopeError("`netns` takes the name of a network namespace, or its path", remedy: "netns: agent")
            }
            self = .netns(value)
        case "jail":
            guard value == "true" else { throw AgentScopeError("`jail` is `true` or left out", remedy: "jail: true") }
            self = .jail
        default:
            throw AgentScopeError("unknown scope `\(TextSafety.printable(key, limitBytes: 64))`", remedy: "scope: { user: agent }")
        }
    }

    private static func isName(_ text: some StringProtocol, limit: Int, extra: String) -> Bool {
        !text.isEmpty && text.utf8.count <= limit && !text.hasPrefix("-")
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9": true
                default: extra.unicodeScalars.contains(scalar)
                }
            }
    }
}

internal import CLinux
internal import Glibc
internal import Rulesets

/// The table that cuts one agent off in one network namespace (`nft/seal.nft`): loaded asleep, woken by ``SealSwitch``.
package struct SealTable: Hashable, Sendable {
    /// What is cut off there.
    package enum Extent: Hashable, Sendable {
        /// These scopes of a namespace that others share.
        case scopes([HostRuleset.Scope])
        /// All of a gateway's own namespace.
        case namespace
    }

    /// The agent's name.
    package let agent: String
    package let extent: Extent
    /// The mark of the sockets that the gateway has on the agent's behalf.
    package let servedMark: UInt32

    package init(agent: String, extent: Extent, servedMark: UInt32) {
        self.agent = agent
        self.extent = extent
        self.servedMark = servedMark
    }

    /// What the tables are called, in each family that has one.
    package var name: String { Self.prefix + SealName.encoded(agent) }

    /// What the names of all such tables begin with.
    package static let prefix = "portcullis_seal_"

    /// There is a table for what passes between the ports of a bridge.
    package var hasBridge: Bool {
        guard case .scopes(let scopes) = extent else { return false }
        return scopes.contains { $0.match.bridgePorts != nil }
    }

    /// The tables, as the ruleset compiler reads them; replaces those that are there, in the same transaction.
    package func text(isAsleep: Bool) -> String {
        let frame = switch extent {
        case .namespace: Rulesets.sealGateway
        case .scopes: Rulesets.seal
        }
        var text = frame + rules
        if hasBridge { text += Rulesets.sealBridge }
        return filled(text).replacing("$state", with: isAsleep ? "flags dormant" : "")
    }

    /// Replaces the rules in tables that are there, and leaves them asleep or awake as they are: what is woken meanwhile
    /// stays so.
    package var refill: String {
        guard case .scopes = extent else { return "" }
        var text = ["cut", "cut_here"].map { "flush chain inet portcullis_seal_NAME \($0)\n" }.joined() + rules
        if hasBridge { text += "add element bridge portcullis_seal_NAME ports { $link_ports }\n" }
        return filled(text)
    }

    private var rules: String {
        guard case .scopes(let scopes) = extent else { return "" }
        return Rulesets.sealServed + scopes.map { self.text(of: $0) }.joined()
    }

    private func filled(_ text: String) -> String {
        text.replacing("seal_NAME", with: "seal_" + SealName.encoded(agent))
            .replacing("$served", with: SocketMark.text(servedMark))
            .replacing("$link_ports", with: ports.map { "\"\($0)\"" }.joined(separator: ", "))
    }

    /// A set of the ruleset language is never empty; the bridge itself is no port of its own.
    private var ports: [String] {
        guard case .scopes(let scopes) = extent else { return [] }
        return scopes.flatMap { scope -> [String] in
            guard case .interface(let name, let names?) = scope.match else { return [] }
            return [name] + names
        }
    }

    private func text(of scope: HostRuleset.Scope) -> String {
        let flows = Rulesets.sealScope.replacing("$flows", with: SocketMark.text(scope.mark(0)))
        return switch scope.match {
        case .user(let user):
            flows + Rulesets.sealUser.replacing("$agent_user", with: "\(user)")
                .replacing("$owned", with: SocketMark.text(scope.mark(5)))
        case .cgroup(let path):
            flows + Rulesets.sealCgroup.replacing("$cgroup_level", with: "\(path.level)")
                .replacing("$cgroup_path", with: "\"\(path.rulesetPath)\"")
        case .interface(let name, _):
            flows + Rulesets.sealInterface.replacing("$agent_link", with: "\"\(name)\"")
        }
    }
}

internal import CLinux
internal import Glibc
internal import Rulesets

/// Loads `nft/host.nft` with the scopes of all agents into the thread's network namespace.
package struct HostRuleset: Sendable {
    /// What tells an agent's packets from all others.
    package enum Match: Hashable, Sendable {
        case user(UInt32)
        case cgroup(CgroupPath)
        /// `ports` are the names of a bridge's ports, and `nil` for what is no bridge.
        case interface(String, ports: [String]?)

        package var user: UInt32? {
            if case .user(let number) = self { number } else { nil }
        }

        package var isInterface: Bool {
            if case .interface = self { true } else { false }
        }

        /// `nil` for what is no bridge.
        package var bridgePorts: [String]? {
            if case .interface(_, let ports) = self { ports } else { nil }
        }
    }

    /// One agent, with what its verdicts and connections go by.
    package struct Scope: Hashable, Sendable {
        /// From 1 to 255: the third byte of its marks.
        package var number: UInt8
        package var match: Match
        package var queue: UInt16
        /// Where its intercepted connections are redirected to.
        package var listenerPort: UInt16

        package init(number: UInt8, match: Match, queue: UInt16, listenerPort: UInt16) {
            self.number = number
            self.match = match
            self.queue = queue
            self.listenerPort = listenerPort
        }

        /// One of its marks.
        ///
        /// - Parameter kind: the last byte, as `nft/host.nft` lists them.
        package func mark(_ kind: UInt32) -> UInt32 { 0x5043_0000 | UInt32(number) << 8 | kind }
    }

    /// The account whose sockets are the gateway's own.
    package var gatewayUser: UInt32
    package var scopes: [Scope]

    package init(gatewayUser: UInt32, scopes: [Scope]) {
        self.gatewayUser = gatewayUser
        self.scopes = scopes
    }

    /// Replaces what was loaded before, in one transaction, with the native queue statement where the kernel has it.
    ///
    /// Where it has not, the agents' packets are dropped until a second transaction has added the xtables target.
    ///
    /// - Parameters:
    ///   - statement: from ``QueueTarget/kernelQueueStatement()``.
    ///   - seals: tables of ``SealTable``, in the same transaction: no agent that is sealed is ever open in between.
    package func load(_ statement: QueueStatement, seals: String = "") throws(RulesetError) {
        // A table of bridges that nobody names any more goes too, where the kernel can have one.
        if !hasBridges { try Self.removeBridges() }
        try RulesetText.load(text(statement) + seals)
        if statement == .xtables {
            try QueueTarget.add(scopes.map { (chain: "judge_\($0.number)", queue: $0.queue) })
        }
    }

    /// The numbers of the table's rules, in their order, to see later whether somebody has changed them: the kernel gives
    /// none twice.
    package static func ruleHandles() throws(SystemCallError) -> [UInt64] {
        let socket = try NetlinkSocket(family: NETLINK_NETFILTER)
        var message = NetlinkMessage()
        message.begin(type: .getRule, flags: NLM_F_REQUEST | NLM_F_DUMP)
        message.family(NFPROTO_INET)
        message.attribute(UInt16(NFTA_RULE_TABLE.rawValue), string: "portcullis")
        message.end()
        return try socket.dump(message, "read the ruleset back").map { reply in
            var handle: UInt64 = 0
            NetlinkSocket.forEachAttribute(of: reply, from: 20, to: reply.count) { type, range in
                guard type == UInt16(NFTA_RULE_HANDLE.rawValue) else { return }
                handle = reply[range].reduce(0) { $0 << 8 | UInt64($1) }
            }
            return handle
        }
    }

    /// Takes the tables away; what was an agent's is guarded no longer.
    ///
    /// - Returns: false when there were none.
    package static func remove() throws(RulesetError) -> Bool {
        let wasThere: Bool
        do {
            try RulesetText.load("delete table inet portcullis\n")
            wasThere = true
        } catch {
            guard case .refused(let text) = error, text.contains("No such file") else { throw error }
            wasThere = false
        }
        try removeBridges()
        return wasThere
    }

    /// Where the kernel has no such family there can be no such table.
    private static func removeBridges() throws(RulesetError) {
        do {
            try RulesetText.load(noBridges)
        } catch {
            guard case .refused(let text) = error, text.contains("not supported") else { throw error }
        }
    }

    private var hasBridges: Bool { scopes.contains { $0.match.bridgePorts != nil } }

    private static let noBridges = "table bridge portcullis\ndelete table bridge portcullis\n"

    /// The whole text, as the compiler reads it.
    func text(_ statement: QueueStatement) -> String {
        var text = Rulesets.host.replacing("$gateway_user", with: "\(gatewayUser)")
        // Asked of kernels without the bridge family only where it is needed.
        if hasBridges { text += Self.noBridges }
        for scope in scopes { text += self.text(of: scope, statement) }
        return text
    }

    private func text(of scope: Scope, _ statement: QueueStatement) -> String {
        func mark(_ kind: UInt32) -> String { SocketMark.text(scope.mark(kind)) }
        var values = [
            ("intercepted", mark(1)), ("direct", mark(2)), ("judging", mark(4)), ("owned", mark(5)), ("listener_port", "\(scope.listenerPort)"),
            ("queue_number", "\(scope.queue)"),
        ]
        var parts = [Rulesets.scope]
        switch scope.match {
        case .user(let user):
            values.append(("agent_user", "\(user)"))
            parts.append(Rulesets.scopeUser)
        case .cgroup(let path):
            values += [("cgroup_level", "\(path.level)"), ("cgroup_path", "\"\(path.rulesetPath)\"")]
            parts.append(Rulesets.scopeCgroup)
        case .interface(let name, let ports):
            values.append(("agent_link", "\"\(name)\""))
            parts.append(Rulesets.scopeInterface)
            if let ports {
                // A set of the ruleset language is never empty; the bridge itself is no port of its own.
                values.append(("link_ports", ([name] + ports).map { "\"\($0)\"" }.joined(separator: ", ")))
                parts.append(Rulesets.scopeBridge)
            }
        }
        if statement == .native { parts.append(Rulesets.scopeNative) }
        // Put in here rather than defined: the language takes variables in some places only. None of the names is the
        // beginning of another, and the values have no `$` and no quote in them: ``AgentScope`` and the kernel see to it.
        return values.reduce(parts.joined().replacing("_N", with: "_\(scope.number)")) { text, value in
            text.replacing("$" + value.0, with: value.1)
        }
    }
}

extension HostRuleset.Match: CustomStringConvertible {
    package var description: String {
        switch self {
        case .user(let number): "user \(number)"
        case .cgroup(let path): "cgroup \(path.path)"
        case .interface(let name, let ports): ports == nil ? "interface \(name)" : "bridge \(name)"
        }
    }
}

extension HostRuleset {
    /// Tells the bridge rules of scope `number`, and those of the agent's seal, about ports that have come since.
    package static func add(ports: [String], toScope number: UInt8, _ seal: SealTable?) throws(RulesetError) {
        guard !ports.isEmpty else { return }
        let names = ports.map { "\"\($0)\"" }.joined(separator: ", ")
        var text = "add element bridge portcullis ports_\(number) { \(names) }\n"
        if let seal { text += "add element bridge \(seal.name) ports { \(names) }\n" }
        try RulesetText.load(text)
    }
}

internal import GatewayCore
internal import LinuxKernel
internal import Policy

/// `portcullis up`, from its arguments to its exit code.
package struct UpInvocation: Sendable {
    package var policy: String?
    package var allow: [String]
    package var observe: Bool
    /// Scopes of the command line, as key and value: `user`, `agent`.
    package var scopes: [(key: String, value: String)]
    package var logPath: String?
    package var isQuiet: Bool
    package var authorityFolder: String

    /// Where a service's policy is when nobody says otherwise.
    package static let policyPath = "/etc/portcullis/policy.yaml"
    package static let authorityFolder = "/var/lib/portcullis/ca"

    package init(
        policy: String?, allow: [String], observe: Bool, scopes: [(key: String, value: String)], logPath: String?,
        isQuiet: Bool, authorityFolder: String
    ) {
        self.policy = policy
        self.allow = allow
        self.observe = observe
        self.scopes = scopes
        self.logPath = logPath
        self.isQuiet = isQuiet
        self.authorityFolder = authorityFolder
    }

    /// - Parameter say: told what goes well or wrong, without the program's name.
    /// - Returns: the exit code: 1 for what stood in the way, 2 for a command line that cannot be used.
    package func perform(say: (String) -> Void) -> Int32 {
        guard ProcessSettings.isRoot else {
            say("up needs root, to load rules and read packets; call it with sudo")
            return 1
        }
        do {
            let path = policy ?? (FileText.exists(Self.policyPath) ? Self.policyPath : nil)
            let found = try path.map { try PolicySearch.load($0, home: "/") } ?? .init(model: .empty, source: nil)
            let compiled = try found.model.adding(CommandLineRules(allow: allow, observe: observe)).compiled()
            let agents = try agents(of: compiled)
            guard !agents.isEmpty else {
                say(
                    "nobody to guard: name agents in the policy, `agents: [{ name: claude, scope: { user: agent } }]`, "
                        + "or with --user, --cgroup, --interface, --netns")
                return 2
            }
            let names = Dictionary(
                uniqueKeysWithValues: agents.enumerated().map { (AgentID(number: UInt32($0.offset + 1)), $0.element.name) })
            let log = try DecisionLog.open(path: logPath, isQuiet: isQuiet, names: names)
            say("policy: \(found.source ?? (allow.isEmpty ? "none, so everything is refused" : "the command line alone")), mode \(compiled.mode.rawValue)")
            return try UpSession.run(
                UpOptions(
                    policy: compiled, agents: agents, log: log, authorityFolder: authorityFolder,
                    origin: found.origin(allow: allow, observe: observe)),
                report: say)
        } catch let error as AgentScopeError {
            say("\(error)")
            return 2
        } catch {
            say("\(error)")
            return 1
        }
    }

    /// The policy's agents but for jails, and the command line's, called after their scopes.
    private func agents(of policy: CompiledPolicy) throws(AgentScopeError) -> [AgentRule] {
        var agents = policy.agents.filter { $0.scope != .jail }
        for (key, value) in scopes {
            let scope = try AgentScope(key: key, value: value)
            guard !agents.contains(where: { $0.scope == scope }) else { continue }
            agents.append(
                AgentRule(
                    name: "\(key)-\(value)", scope: scope, origin: RuleOrigin(source: "--\(key) \(value)", line: 0)))
        }
        return agents
    }
}

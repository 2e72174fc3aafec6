internal import LinuxKernel
internal import Policy

/// `portcullis run`, from its arguments to its exit code.
package struct RunInvocation: Sendable {
    package var name: String?
    package var policy: String?
    package var allow: [String]
    package var observe: Bool
    package var user: String?
    package var logPath: String?
    package var isQuiet: Bool
    package var allowedSockets: [String]
    package var command: [[UInt8]]

    package init(
        name: String?, policy: String?, allow: [String], observe: Bool, user: String?, logPath: String?, isQuiet: Bool,
        allowedSockets: [String], command: [[UInt8]]
    ) {
        self.name = name
        self.policy = policy
        self.allow = allow
        self.observe = observe
        self.user = user
        self.logPath = logPath
        self.isQuiet = isQuiet
        self.allowedSockets = allowedSockets
        self.command = command
    }

    /// - Parameter fail: told what went wrong, without the program's name.
    /// - Returns: the exit code.
    package func perform(fail: (String) -> Void) -> Int32 {
        guard ProcessSettings.isRoot else {
            fail("run needs root, to make network namespaces and load rules into them; call it with sudo")
            return 125
        }
        do {
            let user = try commandUser()
            let found = try PolicySearch.load(policy, home: Self.home)
            let model = try found.model.adding(CommandLineRules(allow: allow, observe: observe))
            let policy = model.compiled()
            let name = try agentName(policy)
            let store = SealStore.standard
            if FileText.exists(Sentinel.path(policy)) {
                throw JailFailure(
                    exitCode: 125, message: "kill.sealed: the sentinel \(Sentinel.path(policy)) is there, and seals everybody")
            }
            guard !store.isSealed(name) else {
                throw JailFailure(exitCode: 125, message: store.refusal(of: name))
            }
            let options = JailOptions(
                name: name, policy: policy, command: command, user: user, allowedSockets: allowedSockets,
                log: try .open(path: logPath, isQuiet: isQuiet), environment: ProcessSettings.environmentList(),
                logPath: logPath.map(FileText.absolute), policyPath: found.source.map(FileText.absolute))
            // A policy that lies in the working folder may be somebody else's idea: say whose word counts.
            if logPath == nil, !isQuiet, LineOutput.standardError.isTerminal {
                let source = found.source ?? (allow.isEmpty && !observe ? "none" : "the command line alone")
                fail("policy: \(source), mode \(options.policy.mode.rawValue)")
                if user.identifier == 0 {
                    fail("the command runs as root, and may write root's files; --user gives it another account")
                }
            }
            return try JailSession.run(options)
        } catch let failure as JailFailure {
            fail(failure.message)
            return failure.exitCode
        } catch {
            fail("\(error)")
            return 125
        }
    }

    /// The home folder of whoever invoked the program, for the search of a policy.
    package static var home: String { invokingUser.home }

    /// Who called sudo, or who runs the process.
    private static var invokingUser: JailUser {
        .find(ProcessSettings.invokingUser)
    }

    /// What the jail is called: --name, else as the policy calls its one jail.
    private func agentName(_ policy: CompiledPolicy) throws -> String {
        if let name { return name }
        let jails = policy.agents.filter { $0.scope == .jail }
        return jails.count == 1 ? jails[0].name : Self.standardName
    }

    /// What jails are called that nobody has given a name.
    package static let standardName = "jail"

    private func commandUser() throws -> JailUser {
        guard let user else { return Self.invokingUser }
        guard let found = JailUser.find(user) else {
            throw JailFailure(exitCode: 125, message: "no user is called \(user)")
        }
        return found
    }
}

internal import ArgumentParser
internal import GatewayRuntime
internal import Policy

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a command in a jail whose only way out is the gateway.",
        usage: "portcullis run [options] -- COMMAND [ARGUMENT ...]",
        discussion: """
            The command gets a network namespace with one link, to the gateway. It runs as the user who called sudo (or \
            --user), without capabilities, and trusts the gateway's certificate authority, which is made for this run \
            alone. Needs root.

            The policy is --policy, else ./portcullis.yaml, ~/.config/portcullis/policy.yaml or \
            /etc/portcullis/policy.yaml. Without any, everything is refused.

            Exit code: the command's own; 128 and the signal's number when a signal ended it; 125 when the jail or the \
            gateway could not be made, 126 when the command cannot be run, 127 when it is not found.
            """
    )

    @Option(help: ArgumentHelp("What to call the agent, for `drop`, `status` and `evidence`.", valueName: "NAME"))
    var name: String?

    @Option(help: ArgumentHelp("A policy file, or a preset: \(Presets.names).", valueName: "FILE|PRESET"), completion: .file())
    var policy: String?

    @Option(help: ArgumentHelp("Allow one more host, in addition to the policy. May be repeated.", valueName: "HOST[:PORT]"))
    var allow: [String] = []

    @Flag(help: "Block nothing that a policy could allow; log what would be blocked.")
    var observe = false

    @Option(help: ArgumentHelp("Run the command as this user, a name or a number.", valueName: "USER"))
    var user: String?

    @Option(
        help: ArgumentHelp("Write decisions to this file, as JSON lines, instead of standard error.", valueName: "FILE"),
        completion: .file())
    var log: String?

    @Flag(name: .shortAndLong, help: "Do not write decisions to standard error.")
    var quiet = false

    @Option(
        help: ArgumentHelp("Leave this Unix socket of the host reachable. May be repeated.", valueName: "PATH"),
        completion: .file())
    var allowSocket: [String] = []

    /// The program alone; ``CommandWords`` has what follows it.
    @Argument(parsing: .postTerminator, help: "After --: the command and its arguments.")
    var command: [String] = []

    func validate() throws {
        guard !command.isEmpty else { throw ValidationError("no command to run; write it after --") }
        if let name, !AgentRule.isName(name) {
            throw ValidationError("--name takes letters, digits, `.`, `_` and `-`, not \(name)")
        }
        for path in allowSocket where !path.hasPrefix("/") {
            throw ValidationError("--allow-socket takes an absolute path, not \(path)")
        }
    }

    func run() throws {
        let invocation = RunInvocation(
            name: name, policy: policy, allow: allow, observe: observe, user: user, logPath: log, isQuiet: quiet,
            allowedSockets: allowSocket, command: CommandWords.afterTerminator)
        throw ExitCode(invocation.perform { Message.fail($0) })
    }
}

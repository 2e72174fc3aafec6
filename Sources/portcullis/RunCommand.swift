internal import ArgumentParser
internal import GatewayRuntime

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

    @Option(help: "A policy file, or a preset: \(Presets.names).", completion: .file())
    var policy: String?

    @Option(help: "Allow one more host, in addition to the policy. May be repeated.")
    var allow: [HostArgument] = []

    @Flag(help: "Block nothing that a policy could allow; log what would be blocked.")
    var observe = false

    @Option(help: "Run the command as this user, a name or a number.")
    var user: String?

    @Option(help: "Write decisions to this file, as JSON lines, instead of standard error.", completion: .file())
    var log: String?

    @Flag(name: .shortAndLong, help: "Do not write decisions to standard error.")
    var quiet = false

    @Option(help: "Leave this Unix socket of the host reachable. May be repeated.", completion: .file())
    var allowSocket: [String] = []

    @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.")
    var command: [String] = []

    func validate() throws {
        let words = command.first == "--" ? command.dropFirst() : command[...]
        guard let first = words.first else { throw ValidationError("no command to run; write it after --") }
        if command.first != "--", first.hasPrefix("-") {
            throw ValidationError("unknown option \(first); write -- before the command")
        }
        for path in allowSocket where !path.hasPrefix("/") {
            throw ValidationError("--allow-socket takes an absolute path, not \(path)")
        }
    }

    func run() throws {
        let words = command.first == "--" ? Array(command.dropFirst()) : command
        let invocation = RunInvocation(
            policy: policy, allow: allow.map(\.text), observe: observe, user: user, logPath: log, isQuiet: quiet,
            allowedSockets: allowSocket, command: words)
        throw ExitCode(invocation.perform { Message.fail($0) })
    }
}

internal import ArgumentParser
internal import GatewayRuntime

struct UpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Guard users, cgroups, interfaces and network namespaces of this machine, as a service.",
        usage: "portcullis up [options]",
        discussion: """
            Loads a ruleset and judges what the agents send, until a signal ends it. It tells systemd when it is ready. \
            The agents are those under `agents` in the policy, and those of the command line. Needs root; the \
            daemon goes on as the account `portcullis` (or an unused number), whose own traffic is exempt.

            The policy is --policy, else /etc/portcullis/policy.yaml. Without any, everything is refused.

            When the daemon ends, however it ends, the rules stay and the agents have no network. `portcullis down` takes \
            the rules away.

            Agents must trust the certificate authority in /var/lib/portcullis/ca/ca.pem (`portcullis ca` prints it), \
            which is made at the first start.

            Exit code: 0 after SIGTERM, SIGINT, SIGHUP or SIGQUIT; 1 when something stood in the way, 2 for a command line \
            that cannot be used.
            """
    )

    @Option(help: ArgumentHelp("A policy file, or a preset: \(Presets.names).", valueName: "FILE|PRESET"), completion: .file())
    var policy: String?

    @Option(help: ArgumentHelp("Allow one more host, in addition to the policy. May be repeated.", valueName: "HOST[:PORT]"))
    var allow: [String] = []

    @Flag(help: "Block nothing that a policy could allow; log what would be blocked.")
    var observe = false

    @Option(help: ArgumentHelp("Guard what this account's processes send. May be repeated.", valueName: "USER"))
    var user: [String] = []

    @Option(help: ArgumentHelp("Guard a control group and those below it. May be repeated.", valueName: "PATH"))
    var cgroup: [String] = []

    @Option(help: ArgumentHelp("Guard what comes from this tap, veth or bridge. May be repeated.", valueName: "NAME"))
    var interface: [String] = []

    @Option(help: ArgumentHelp("Guard a network namespace of ip-netns(8), or of a path. May be repeated.", valueName: "NAME"))
    var netns: [String] = []

    @Option(
        help: ArgumentHelp("Write decisions to this file, as JSON lines, instead of standard error.", valueName: "FILE"),
        completion: .file())
    var log: String?

    @Flag(name: .shortAndLong, help: "Do not write decisions to standard error.")
    var quiet = false

    @Option(help: ArgumentHelp("The folder with the certificate authority.", valueName: "DIR"), completion: .directory)
    var caFolder = UpInvocation.authorityFolder

    func validate() throws {
        guard caFolder.hasPrefix("/") else { throw ValidationError("--ca-folder takes an absolute path, not \(caFolder)") }
    }

    func run() throws {
        let scopes =
            user.map { (key: "user", value: $0) } + cgroup.map { (key: "cgroup", value: $0) }
            + interface.map { (key: "interface", value: $0) } + netns.map { (key: "netns", value: $0) }
        let invocation = UpInvocation(
            policy: policy, allow: allow, observe: observe, scopes: scopes, logPath: log, isQuiet: quiet,
            authorityFolder: caFolder)
        throw ExitCode(invocation.perform { Message.fail($0) })
    }
}

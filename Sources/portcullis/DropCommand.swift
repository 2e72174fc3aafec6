internal import ArgumentParser
internal import GatewayRuntime

struct DropCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop",
        abstract: "Cut an agent off, or all of them: nothing more leaves or arrives.",
        usage: """
            portcullis drop (--agent NAME | --all) --reason TEXT [--freeze | --kill] [--json]
            portcullis drop --restore
            """,
        discussion: """
            Wakes the agent's seal, a table of its own in the kernel, by one message: new flows and old ones, idle tunnels, \
            answers half way, packets that wait in the queue, IPv4 and IPv6. It needs no daemon: with that dead, stopped or \
            wedged, it works the same. Then it puts the seal on record, so that it lasts over restarts and reboots, resets \
            the gateway's connections on the agent's behalf at both ends, forgets the agent's flows, and reads the seal back \
            from the kernel as the proof.

            --restore puts the seals on record in force again after the machine has started; the unit \
            portcullis-restore.service does so before there is a network.

            The agent stays sealed until `portcullis raise`. --all seals also who is started later. Needs root.

            Exit code: 0 when all was done and proven; 1 when an agent is NOT sealed; 2 for a command line that cannot be \
            used or an agent that there is not; 3 when all are sealed, and something after that failed.
            """
    )

    @Option(help: ArgumentHelp("Whom; `portcullis status` lists them.", valueName: "NAME"))
    var agent: String?

    @Flag(help: "Everybody, those included that are started later.")
    var all = false

    @Option(help: ArgumentHelp("Why, for the record.", valueName: "TEXT"))
    var reason: String?

    @Flag(help: "Stop the agent's processes where they are; `raise` lets them go on.")
    var freeze = false

    @Flag(help: "End the agent's processes.")
    var kill = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: .hidden)
    var cause = "command"

    @Flag(help: "Put the seals on record in force; takes no other option.")
    var restore = false

    func validate() throws {
        if restore {
            guard agent == nil, !all, reason == nil, !freeze, !kill, !json else {
                throw ValidationError("--restore takes no other option: the record has them")
            }
            return
        }
        guard all != (agent != nil) else { throw ValidationError("say whom: --agent NAME or --all") }
        guard let reason, !reason.allSatisfy(\.isWhitespace) else { throw ValidationError("say why: --reason TEXT") }
        guard !(freeze && kill) else { throw ValidationError("--freeze or --kill, not both") }
    }

    func run() throws { throw ExitCode(perform()) }

    private func perform() -> Int32 {
        if restore {
            return RestoreInvocation().perform(fail: { Message.fail($0) }, print: { Message.print($0) })
        }
        return DropInvocation(
            agent: agent, reason: reason ?? "", processes: kill ? .kill : freeze ? .freeze : .leave, isJSON: json, cause: cause
        ).perform(fail: { Message.fail($0) }, print: { Message.print($0) })
    }
}

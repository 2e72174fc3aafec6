internal import ArgumentParser
internal import GatewayRuntime

struct RaiseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "raise",
        abstract: "Lift a seal: the agent's traffic is judged again.",
        usage: "portcullis raise (--agent NAME | --all) --reason TEXT [--json]",
        discussion: """
            Connections from before stay ended, and packets that still wait are gone. Processes that were frozen go on. \
            Refused while a sentinel file is there. Needs root.

            Exit code: 0 when nobody of those named is sealed any more, 1 when something stood in the way, 2 for a command \
            line that cannot be used or an agent that there is not.
            """
    )

    @Option(help: ArgumentHelp("Whom.", valueName: "NAME"))
    var agent: String?

    @Flag(help: "Everybody.")
    var all = false

    @Option(help: ArgumentHelp("Why, for the record.", valueName: "TEXT"))
    var reason: String?

    @Flag(help: "Print one JSON array.")
    var json = false

    func validate() throws {
        guard all != (agent != nil) else { throw ValidationError("say whom: --agent NAME or --all") }
        guard let reason, !reason.allSatisfy(\.isWhitespace) else { throw ValidationError("say why: --reason TEXT") }
    }

    func run() throws {
        throw ExitCode(
            RaiseInvocation(agent: agent, reason: reason ?? "", isJSON: json)
                .perform(fail: { Message.fail($0) }, print: { Message.print($0) }))
    }
}

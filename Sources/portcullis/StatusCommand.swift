internal import ArgumentParser
internal import GatewayRuntime

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "List the agents, who guards each, and which of them are sealed.",
        discussion: """
            A line for each agent: its name; whether it is open or sealed, and what the kernel says of that; its gateway, \
            the service's process or a jail's; its scope, the policy's mode and the packet queue; and of a seal since when \
            it is there, what pulled it, whose order it was and why. Who is sealed and not running is listed too.

            With --json each line is the object that a gateway wrote when it started, with `seals` for its agents; one \
            with a `pid` of null comes first for agents without a gateway. Needs root.

            Exit code: 0 when the kernel says of every seal what its record says; 3 when it does not, which is said on \
            standard error too: `portcullis drop` and `raise` put it right; 1 when it cannot be told.
            """)

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() throws {
        let code = StatusInvocation(isJSON: json).perform(fail: { Message.fail($0) }, print: { Message.print($0) })
        if code != 0 { throw ExitCode(code) }
    }
}

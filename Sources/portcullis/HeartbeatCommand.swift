internal import ArgumentParser
internal import GatewayRuntime

struct HeartbeatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heartbeat",
        abstract: "Tell the service that somebody is there: the dead man's switch.",
        discussion: """
            With `kill_switch: { on: { heartbeat_lost: 30s } }` in the policy every agent is sealed when this has not been \
            called for so long, from the service's start on. --for makes one lease shorter, never longer. The same as \
            `POST /v1/heartbeat` to the control socket. Needs root, or the policy's `control: { group: … }`.

            Exit code: 0 when the service has heard it, 1 when not, 64 for a command line that cannot be used.
            """
    )

    @Option(name: .customLong("for"), help: ArgumentHelp("Seconds until the next one is due.", valueName: "SECONDS"))
    var seconds: UInt64?

    func validate() throws {
        if let seconds, !(1...86_400).contains(seconds) { throw ValidationError("--for takes 1 to 86400 seconds") }
    }

    func run() throws {
        throw ExitCode(HeartbeatInvocation(seconds: seconds).perform { Message.fail($0) })
    }
}

internal import ArgumentParser
internal import GatewayRuntime

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "List the jails that are running, and how each is guarded.",
        discussion: "Needs root. Each line is the JSON that the jail wrote when it started with --json.")

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() throws {
        for line in JailStatus.running() { Message.print(json ? line.json : line.text) }
        if JailStatus.running().isEmpty, !json { Message.print("no jail is running") }
    }
}

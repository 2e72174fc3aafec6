internal import ArgumentParser
internal import GatewayRuntime
internal import LinuxKernel

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "List the jails that are running, and how each is guarded.",
        discussion: "Needs root. With --json each line is the object that a jail wrote when it started.")

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() throws {
        guard ProcessSettings.isRoot else {
            Message.fail("status needs root, to read what the jails say of themselves; call it with sudo")
            throw ExitCode(1)
        }
        let running = GatewayStatus.running()
        for line in running { Message.print(json ? line.json : line.text) }
        if running.isEmpty, !json { Message.print("no jail is running") }
    }
}

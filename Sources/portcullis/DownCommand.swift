internal import ArgumentParser
internal import GatewayRuntime

struct DownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Take away the rules that `up` left: its agents are then guarded no longer.",
        discussion: "Refused while the service runs; stop that first. Needs root.")

    func run() throws {
        do {
            Message.print(try UpSession.down() ? "the rules are gone: nobody is guarded" : "there were no rules")
        } catch {
            Message.fail("\(error)")
            throw ExitCode(1)
        }
    }
}

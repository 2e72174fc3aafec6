internal import ArgumentParser
internal import GatewayRuntime

struct DownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Take away the rules that `up` left: its agents are then guarded no longer.",
        discussion: "Refused while the service runs; stop that first. Needs root.")

    func run() throws {
        do {
            let (wereThere, seals) = try UpSession.down()
            Message.print(wereThere ? "the rules are gone: nobody is guarded" : "there were no rules")
            if !seals.isEmpty { Message.print("sealed agents stay cut off (\(seals.joined(separator: ", "))) until `portcullis raise`") }
        } catch {
            Message.fail("\(error)")
            throw ExitCode(1)
        }
    }
}

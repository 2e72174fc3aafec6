internal import ArgumentParser
internal import GatewayRuntime
internal import LinuxKernel

/// The command line.
@main
struct Portcullis: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "portcullis",
        abstract: "A transparent network gateway for AI agents.",
        discussion: """
            The agent runs in a network of its own whose only way out is this gateway. What the policy allows passes; \
            everything else is refused, with the reason and the policy line that would allow it.

            First steps:
              sudo portcullis run --observe -- COMMAND       see what a command wants, without blocking it
              sudo portcullis run --policy npm -- npm ci     a preset as the policy
              portcullis policy check policy.yaml            what a policy means
              portcullis why https://example.com/            what would happen, and which line decides
            """,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, UpCommand.self, DownCommand.self, DropCommand.self, RaiseCommand.self, CACommand.self, PolicyCommand.self, WhyCommand.self, StatusCommand.self, DoctorCommand.self,
        ]
    )

    static func main() {
        ProcessSettings.openStandardDescriptors()
        if let order = DropWords(CommandLine.arguments) { exit(withError: ExitCode(order.perform())) }
        do {
            var command = try parseAsRoot(CommandWords.own)
            try command.run()
        } catch {
            // `run` promises that every exit code up to 124 is the command's own.
            let isRun = CommandLine.arguments.dropFirst().first == "run"
            let code = exitCode(for: error)
            if isRun, code != .success, !(error is ExitCode) {
                let text = fullMessage(for: error)
                Message.fail(text.hasPrefix("Error: ") ? String(text.dropFirst("Error: ".utf8.count)) : text)
                exit(withError: ExitCode(125))
            }
            exit(withError: error)
        }
    }
}

internal import ArgumentParser
internal import GatewayRuntime
internal import Policy
internal import WireFormats

struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say what would happen to a request, and which policy line decides.",
        discussion: "Exit code: 0 when it would pass, 1 when it would be refused.")

    @Argument(help: "A URL, a host name, or an IP address with or without a port.")
    var target: String

    @Option(help: "The request's method.")
    var method: String?

    @Option(help: "A policy file or a preset; searched for as run does without it.", completion: .file())
    var policy: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let query: WhyQuery
        let answer: WhyAnswer
        do {
            query = try WhyQuery(target, method: method)
            answer = try PolicySearch.load(policy, home: RunInvocation.home).model.compiled().why(query)
        } catch {
            Message.fail("\(error)")
            throw ExitCode(2)
        }
        if json {
            var text = JSONText()
            answer.append(to: &text)
            Message.print(text.text)
        } else {
            Message.print(answer.text)
        }
        if !answer.isAllowed { throw ExitCode(1) }
    }
}

internal import ArgumentParser
internal import GatewayRuntime
internal import WireFormats

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check what this machine offers, and say what to do about what it lacks.",
        discussion: """
            Everything is tried in namespaces of its own that are gone afterwards; nothing of the machine is changed.

            Exit code: 0 when jails can be run and users and interfaces guarded, 1 when not. `none` is what only
            some scopes of `up` need.
            """)

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let findings = Doctor.examine()
        if json {
            var text = JSONText()
            text.beginArray()
            for finding in findings { finding.append(to: &text) }
            text.endArray()
            Message.print(text.text)
        } else {
            for finding in findings { Message.print(finding.text) }
        }
        if findings.contains(where: { !$0.isGood && $0.isRequired }) { throw ExitCode(1) }
    }
}

internal import ArgumentParser
internal import GatewayRuntime
internal import WireFormats

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check what this machine offers, and say what to do about what it lacks.",
        discussion: """
            Everything is tried in namespaces of its own that are gone afterwards; nothing of the machine is changed.

            Exit code: 0 when a jail can be run, 1 when not.
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
        if findings.contains(where: { !$0.isGood }) { throw ExitCode(1) }
    }
}

internal import ArgumentParser
internal import GatewayRuntime
internal import LinuxKernel
internal import Policy
internal import WireFormats

struct EvidenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "Collect what is known of an agent into a folder, for whoever looks into an incident.",
        usage: "portcullis evidence [--agent NAME | --all] --since 10m -o DIR [--json]",
        discussion: """
            Takes the decision log of the last minutes with digests of it and of what comes before it, live flows, \
            connection tracking, sockets and processes of the agent, pins, policy, ruleset and links, and writes SHA-256 \
            sums of all of it. Nothing is changed or stopped, and the gateway need not run: what it alone knows is then \
            missing. Needs root.

            DIR is made, or is there and empty; the folder above it must be there, and should be one that only root may \
            write to. Until all is written the files are in a \
            hidden folder beside it, and that is what an interrupted run leaves. The folder has mode 0700, its files 0600.

            An agent's name is that which `drop` and `status` know it by; jails that share one are in the bundle together. \
            Of a sealed agent the seal's record and the kill switch's journal are in it. Without --agent and --all there \
            must be one name only.

            Secrets are left out: of command lines only the program and the number of words, no environments, no keys; in \
            the copy of the policy what looks like a credential is taken out. Names, addresses and paths are in it.

            README.txt in DIR says what each file is and how far it can be believed. Note the digest that the command \
            prints somewhere else: with it, a change to the bundle shows.

            Exit code: 0 for a whole bundle; 3 for one with parts missing, which are printed and listed in manifest.json; \
            1 when there is no bundle because something stood in the way; 2 when what was asked for cannot be: no such \
            agent, no such time; 64 for a command line that is not understood.

            Examples:
              sudo portcullis evidence --since 10m -o /root/incident-1
              sudo portcullis evidence --agent claude --since 2h -o /root/incident-2 --json
            """)

    @Option(help: ArgumentHelp("The agent that the bundle is about.", valueName: "NAME"))
    var agent: String?

    @Flag(help: "Every agent of every gateway of this machine.")
    var all = false

    @Option(help: ArgumentHelp("How far back the decision log goes: 30s, 10m, 2h, 1d.", valueName: "TIME"))
    var since: String

    @Option(name: [.short, .long], help: ArgumentHelp("The folder to make.", valueName: "DIR"), completion: .directory)
    var output: String

    @Flag(help: "Print what was written and what is missing as one JSON object.")
    var json = false

    func validate() throws {
        guard agent == nil || !all else { throw ValidationError("--agent and --all exclude each other") }
    }

    func run() throws {
        guard ProcessSettings.isRoot else {
            Message.fail("evidence needs root, to look at other users' processes and sockets; call it with sudo")
            throw ExitCode(1)
        }
        guard let since = EvidenceRequest.Since(since) else {
            Message.fail(
                "--since takes a whole number and a unit, as in 30s, 10m, 2h or 1d, up to ten years; not `\(since)`")
            throw ExitCode(2)
        }
        let subjects = try chosen(from: EvidenceSubject.known())
        let isWatched = LineOutput.standardError.isTerminal
        var pins = EvidencePins()
        let request = EvidenceRequest(
            subjects: subjects, since: since, folder: output,
            program: "portcullis \(Portcullis.configuration.version)", pins: { try pins.ask($0) },
            seals: EvidenceSubject.seals(of: subjects), journal: EvidenceRequest.standardJournal,
            progress: { if isWatched { Message.fail("collecting \($0)") } })
        do {
            let outcome = try EvidenceBundle.make(request)
            if json {
                var text = JSONText()
                outcome.append(to: &text)
                Message.print(text.text)
            } else {
                say(outcome)
            }
            if !outcome.missing.isEmpty { throw ExitCode(3) }
        } catch let code as ExitCode {
            throw code
        } catch {
            Message.fail("no bundle was written: \(error)")
            throw ExitCode(1)
        }
    }

    private func chosen(from subjects: [EvidenceSubject]) throws -> [EvidenceSubject] {
        var names: [String] = []
        for subject in subjects where !names.contains(subject.name) { names.append(subject.name) }
        let list = names.joined(separator: ", ")
        guard !subjects.isEmpty else {
            Message.fail("no gateway runs here, and none that was killed has left a trace: there is nothing to collect")
            throw ExitCode(2)
        }
        if all { return subjects }
        guard let agent else {
            guard names.count == 1 else {
                Message.fail("say which agent, with --agent NAME, or --all: \(list)")
                throw ExitCode(2)
            }
            return subjects
        }
        let found = subjects.filter { $0.name == agent }
        guard !found.isEmpty else {
            Message.fail("no agent is called \(agent); there are: \(list)")
            throw ExitCode(2)
        }
        return found
    }

    private func say(_ outcome: EvidenceOutcome) {
        for gap in outcome.missing { Message.fail(TextSafety.printable("missing: \(gap.part): \(gap.reason)", limitBytes: 4096)) }
        Message.print("\(outcome.folder): \(outcome.files.count + 1) files\(outcome.missing.isEmpty ? "" : ", not complete")")
        Message.print("sha256 of SHA256SUMS: \(outcome.sumsDigest)")
    }
}

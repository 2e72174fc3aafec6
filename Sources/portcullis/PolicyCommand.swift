internal import ArgumentParser
internal import GatewayRuntime
internal import Policy
internal import WireFormats

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Read policies.", subcommands: [Check.self, List.self, Show.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what a policy means, or what is wrong with it.",
            discussion: "Exit code: 0 for a good policy, 1 for one that does not load.")

        @Argument(help: "A policy file or a preset's name.", completion: .file())
        var file: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            do {
                let found = try PolicySearch.load(file, home: "/")
                let policy = found.model.compiled()
                guard json else { return policy.summary().forEach { Message.print($0) } }
                var text = JSONText()
                text.beginObject()
                text.member("valid", true)
                text.member("source", found.source)
                text.member("mode", policy.mode.rawValue)
                text.key("summary")
                text.beginArray()
                for line in policy.summary() { text.string(line) }
                text.endArray()
                text.endObject()
                Message.print(text.text)
            } catch {
                if json {
                    var text = JSONText()
                    text.beginObject()
                    text.member("valid", false)
                    text.member("error", "\(error)")
                    text.endObject()
                    Message.print(text.text)
                } else {
                    Message.fail("\(error)")
                }
                throw ExitCode(1)
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the presets.")

        @Flag(help: "Print JSON.")
        var json = false

        func run() {
            guard !json else { return Message.print(list.text) }
            let width = Preset.all.map(\.name.utf8.count).max() ?? 0
            for preset in Preset.all {
                let padding = String(repeating: " ", count: width - preset.name.utf8.count)
                Message.print("\(preset.name)\(padding)  \(preset.summary)")
            }
        }

        private var list: JSONText {
            var text = JSONText()
            text.beginArray()
            for preset in Preset.all {
                text.beginObject()
                text.member("name", preset.name)
                text.member("summary", preset.summary)
                text.endObject()
            }
            text.endArray()
            return text
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print a preset's text, to start a policy from.")

        @Argument(help: "A preset's name: \(Presets.names).")
        var preset: String

        func run() throws {
            guard let found = Preset.named(preset) else {
                throw ValidationError("no preset is called \(preset); the presets are \(Presets.names)")
            }
            Message.print(found.text)
        }
    }
}

/// The files of one policy while they are being joined.
struct PolicyAssembly {
    private(set) var model = PolicyModel.empty
    private(set) var problems: [PolicyProblem] = []
    private var mode: PolicyMode?
    private var resolver: DNSResolver?
    private var dnsBudget = DNSBudgetKeys()
    private var killSwitch = KillSwitchKeys()
    private var controlGroup: String?
    /// Sources from the first file down to the one being read: a name met twice is a cycle.
    private var path: [String] = []

    mutating func add(_ source: PolicySource, resolve: PolicyLoader.Resolve) {
        model.addSource(source.name)
        var reader = PolicyReader(source: source.name)
        do {
            guard let root = try DocumentParser.parse(source) else {
                problems.append(
                    PolicyProblem(source: source.name, line: 1, column: 1, message: "the file is empty", remedy: "version: 1"))
                return
            }
            reader.read(root)
        } catch {
            problems += error.problems
            return
        }
        problems += reader.problems
        let file = reader.file
        // A file's own settings win over those of what it extends: take them first.
        if mode == nil { mode = file.mode }
        if resolver == nil { resolver = file.resolver }
        if controlGroup == nil { controlGroup = file.controlGroup }
        dnsBudget.fill(from: file.dnsBudget)
        killSwitch.fill(from: file.killSwitch)
        path.append(source.name)
        for parent in file.extends { add(parent, from: source.name, resolve: resolve) }
        path.removeLast()
        for agent in file.agents where model.agents.contains(where: { $0.name == agent.name || $0.scope == agent.scope && agent.scope != .jail }) {
            problems.append(
                PolicyProblem(
                    source: source.name, line: agent.origin.line, column: 1,
                    message: "another file has an agent called `\(agent.name)`, or one with the scope \(agent.scope)"))
        }
        model.add(file)
        model.mode = mode ?? .enforce
        model.resolver = resolver ?? .system
        model.dnsBudget = dnsBudget.budget
        model.killSwitch = killSwitch.rules
        model.controlGroup = controlGroup
        if model.ruleCount > PolicyLimits.ruleCount, !problems.contains(where: { $0.message.hasPrefix("more than") }) {
            problems.append(
                PolicyProblem(source: source.name, line: 1, column: 1, message: "more than \(PolicyLimits.ruleCount) rules in all"))
        }
    }

    private mutating func add(_ parent: PolicyFile.Extension, from includer: String, resolve: PolicyLoader.Resolve) {
        func report(_ message: String, remedy: String? = nil) -> PolicyProblem {
            PolicyProblem(source: includer, line: parent.line, column: parent.column, message: message, remedy: remedy)
        }
        let shown = TextSafety.printable(parent.name, limitBytes: 256)
        guard path.count < PolicyLimits.extendsDepth else {
            problems.append(report("`extends` is nested more than \(PolicyLimits.extendsDepth) deep"))
            return
        }
        guard model.sources.count < PolicyLimits.extendsFileCount else {
            problems.append(report("the policy is made of more than \(PolicyLimits.extendsFileCount) files"))
            return
        }
        let source: PolicySource
        if let preset = Preset.named(parent.name) {
            source = preset.source
        } else if !parent.name.contains("/"), !parent.name.hasSuffix(".yaml"), !parent.name.hasSuffix(".yml") {
            let meant = Suggestion.nearest(to: parent.name, among: Preset.all.map(\.name))
            problems.append(
                report(
                    "there is no preset `\(shown)`; presets: \(Preset.all.map(\.name).joined(separator: ", "))",
                    remedy: meant ?? "./\(shown).yaml"))
            return
        } else {
            do {
                source = try resolve(parent.name, includer)
            } catch {
                problems.append(report("`\(shown)` cannot be read: \(TextSafety.printable("\(error)", limitBytes: 512))"))
                return
            }
        }
        if path.contains(source.name) {
            problems.append(report("`\(shown)` extends itself: \((path + [source.name]).joined(separator: " → "))"))
            return
        }
        guard !model.sources.contains(source.name) else { return }
        add(source, resolve: resolve)
    }
}

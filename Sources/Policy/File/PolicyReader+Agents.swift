extension PolicyReader {
    mutating func readAgents(_ node: DocumentNode) {
        guard case .sequence(let items) = node.content else {
            report(node, "`agents` is a list, not \(node.kind)", remedy: "agents:\n  - { name: claude, scope: { user: agent } }")
            return
        }
        for item in items {
            readAgent(item)
            guard problems.count <= PolicyLimits.problemCount else { return }
        }
        if file.agents.count > PolicyLimits.agentCount {
            report(node, "more than \(PolicyLimits.agentCount) agents")
        }
    }

    private mutating func readAgent(_ node: DocumentNode) {
        var name: String?
        var scope: AgentScope?
        var problemsBefore = problems.count
        forEachKey(of: node, in: "agent", known: ["name", "scope"]) { reader, key, value in
            if key == "name" { name = reader.readAgentName(value) } else { scope = reader.readScope(value) }
        }
        if problems.count > problemsBefore { return }
        guard let name else { return report(node, "the agent has no name", remedy: "- { name: claude, scope: { user: agent } }") }
        guard let scope else {
            return report(node, "the agent has no scope", remedy: "- { name: \(name), scope: { user: agent } }")
        }
        problemsBefore = problems.count
        for other in file.agents {
            if other.name == name { report(node, "two agents are called `\(name)`") }
            if other.scope == scope, scope != .jail { report(node, "`\(other.name)` has the same scope: \(scope)") }
        }
        guard problems.count == problemsBefore else { return }
        file.agents.append(
            AgentRule(name: name, scope: scope, origin: RuleOrigin(source: source, line: node.line)))
    }

    private mutating func readAgentName(_ node: DocumentNode) -> String? {
        guard let text = string(node, key: "name") else { return nil }
        guard AgentRule.isName(text) else {
            report(
                node,
                "an agent's name has letters, digits, `.`, `_` and `-`, 64 at most, and starts with a letter, a digit or `_`",
                remedy: "name: claude")
            return nil
        }
        return text
    }

    private mutating func readScope(_ node: DocumentNode) -> AgentScope? {
        guard case .mapping(let pairs) = node.content, pairs.count == 1, let key = pairs[0].key.scalarText else {
            report(
                node, "`scope` says one thing: \(AgentScope.keys.joined(separator: ", "))", remedy: "scope: { user: agent }")
            return nil
        }
        guard AgentScope.keys.contains(key) else {
            reportUnknown(pairs[0].key, key, known: AgentScope.keys)
            return nil
        }
        guard let value = pairs[0].value.scalarText else {
            report(pairs[0].value, "`\(key)` takes text, not \(pairs[0].value.kind)", remedy: "scope: { user: agent }")
            return nil
        }
        do {
            return try AgentScope(key: key, value: value)
        } catch {
            report(pairs[0].value, error.message, remedy: error.remedy)
            return nil
        }
    }
}

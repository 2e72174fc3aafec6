extension CompiledPolicy {
    /// What the policy means, line by line: mode, sources and settings, then every rule in words with its place.
    package func summary() -> [String] {
        guard !isMissing else { return ["no policy: everything is refused"] }
        var lines = ["mode: \(mode.rawValue)" + (mode == .observe ? " (what the rules refuse passes and is logged)" : "")]
        lines.append("made of: \(model.sources.joined(separator: ", "))")
        lines.append("names are resolved by: \(resolver)")
        lines.append("names below one domain, each agent: \(dnsBudget)")
        lines += killSwitch.words
        lines.append("may use the control socket: root" + (controlGroup.map { ", group \($0)" } ?? ""))
        for path in extraCA { lines.append("trusted upstream besides the system's roots: \(path)") }
        append("agents", agents.map { ("\($0.name): \($0.scope)", $0.origin, nil) }, to: &lines)
        let allowedHosts = model.hostRules.filter { $0.effect == .allow }
        let allowedAddresses = model.addressRules.filter { $0.effect == .allow }
        let denied =
            model.hostRules.filter { $0.effect == .deny }.map { ($0.words, $0.origin, $0.comment) }
            + model.addressRules.filter { $0.effect == .deny }.map { ($0.words, $0.origin, $0.comment) }
        append("refused, whatever else is allowed", denied, to: &lines)
        append("allowed hosts", allowedHosts.map { ($0.words, $0.origin, $0.comment) }, to: &lines)
        append("allowed addresses", allowedAddresses.map { ($0.words, $0.origin, $0.comment) }, to: &lines)
        if allowedHosts.isEmpty, allowedAddresses.isEmpty { lines.append("nothing is allowed") }
        return lines
    }

    private func append(_ heading: String, _ rules: [(String, RuleOrigin, String?)], to lines: inout [String]) {
        guard !rules.isEmpty else { return }
        lines.append("\(heading):")
        for (words, origin, comment) in rules {
            lines.append("  \(words)" + (comment.map { " (\($0))" } ?? "") + "  [\(origin)]")
        }
    }
}

extension HostRule {
    /// `*.github.com: names below it; GET, HEAD; paths /repos/**; ports 80, 443; inspected`
    var words: String {
        var parts: [String] = []
        switch pattern {
        case .exact: break
        case .below(let name): parts.append("names below \(name), not \(name) itself")
        }
        if let methods { parts.append(methods.names.joined(separator: ", ")) }
        if !paths.isEmpty { parts.append("paths " + paths.map(\.text).joined(separator: ", ")) }
        if let ports, ports != .web { parts.append("ports \(ports)") }
        if inspection == .sni { parts.append("not inspected once the server name is accepted") }
        return parts.isEmpty ? "\(pattern)" : "\(pattern): \(parts.joined(separator: "; "))"
    }
}

extension AddressRule {
    var words: String {
        ports.map { "\(prefix): TCP ports \($0)" + (effect == .allow ? "; not inspected" : "") } ?? "\(prefix)"
    }
}

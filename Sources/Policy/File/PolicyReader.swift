import WireFormats

/// Reads the document of one policy file into a ``PolicyFile`` and collects everything that is wrong with it.
struct PolicyReader {
    let source: String
    var problems: [PolicyProblem] = []
    var file = PolicyFile()

    private enum Key: String, CaseIterable {
        case version, mode, extends, agents, allow, deny, budgets, dns, tls
        case killSwitch = "kill_switch"
        case control
    }

    /// Keys that the design has and this version does not enforce. They are refused: a policy must not ask for a
    /// protection that is not given.
    private static let unsupportedKeys = ["detect", "credentials", "mcp", "recorder"]

    init(source: String) { self.source = source }

    mutating func read(_ root: DocumentNode) {
        guard case .mapping(let pairs) = root.content else {
            report(root, "a policy file is a mapping that starts with `version: 1`, not \(root.kind)", remedy: "version: 1")
            return
        }
        var hasVersion = false
        for (key, value) in pairs {
            guard let name = key.scalarText else {
                report(key, "a key is a word, not \(key.kind)")
                continue
            }
            switch Key(rawValue: name) {
            case .version:
                hasVersion = true
                readVersion(value)
            case .mode: readMode(value)
            case .extends: readExtends(value)
            case .agents: readAgents(value)
            case .allow: readRules(value, effect: .allow)
            case .deny: readRules(value, effect: .deny)
            case .budgets: readBudgets(value)
            case .dns: readDNS(value)
            case .tls: readTLS(value)
            case .killSwitch: readKillSwitch(value)
            case .control: readControl(value)
            case nil: reportUnknown(key, name, known: Key.allCases.map(\.rawValue), unsupported: PolicyReader.unsupportedKeys)
            }
        }
        if !hasVersion { report(root, "the file does not say which version of the format it is in", remedy: "version: 1") }
    }

    private mutating func readVersion(_ value: DocumentNode) {
        guard case .scalar("1", isPlain: true) = value.content else {
            report(value, "the only version of the policy format is 1", remedy: "version: 1")
            return
        }
    }

    private mutating func readMode(_ value: DocumentNode) {
        guard let text = string(value, key: "mode") else { return }
        if let mode = PolicyMode(rawValue: text) {
            file.mode = mode
        } else if text == "ask" {
            reportUnsupported(value, "mode: ask")
        } else {
            report(value, "`\(shown(text))` is not a mode", remedy: "mode: \(Suggestion.nearest(to: text, among: ["enforce", "observe"]) ?? "enforce")")
        }
    }

    private mutating func readExtends(_ value: DocumentNode) {
        for item in strings(value, key: "extends", example: "claude-code") {
            file.extends.append(PolicyFile.Extension(name: item.text, line: item.node.line, column: item.node.column))
        }
    }

    private mutating func readDNS(_ value: DocumentNode) {
        forEachKey(of: value, in: "dns", known: ["resolver"]) { reader, _, value in
            if case .scalar("system", _) = value.content {
                reader.file.resolver = .system
                return
            }
            guard case .sequence(let items) = value.content, !items.isEmpty, items.count <= PolicyLimits.resolverAddressCount else {
                reader.report(
                    value, "`resolver` is `system` or a list of 1 to \(PolicyLimits.resolverAddressCount) addresses",
                    remedy: "resolver: [1.1.1.1]")
                return
            }
            var addresses: [IPAddress] = []
            for item in items {
                guard let text = item.scalarText, let address = IPAddress(text) else {
                    reader.report(item, "a resolver is named by its address", remedy: "resolver: [1.1.1.1]")
                    continue
                }
                addresses.append(address)
            }
            if !addresses.isEmpty { reader.file.resolver = .addresses(addresses) }
        }
    }

    private mutating func readTLS(_ value: DocumentNode) {
        forEachKey(of: value, in: "tls", known: ["extra_ca"], unsupported: ["upstream_proxy"]) { reader, _, value in
            for item in reader.strings(value, key: "extra_ca", example: "/etc/portcullis/corporate-root.pem") {
                if item.text.hasPrefix("/"), item.text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) {
                    reader.file.extraCA.append(item.text)
                } else {
                    reader.report(
                        item.node, "`\(reader.shown(item.text))` is not an absolute path",
                        remedy: "extra_ca: [\(YAMLText.scalar("/PATH/" + reader.shown(item.text)))]")
                }
            }
            if reader.file.extraCA.count > PolicyLimits.extraCAFileCount {
                reader.report(value, "more than \(PolicyLimits.extraCAFileCount) files in `extra_ca`")
            }
        }
    }
}

// Reading values, shared with the rules.
extension PolicyReader {
    mutating func report(_ node: DocumentNode, _ message: String, remedy: String? = nil) {
        problems.append(
            PolicyProblem(source: source, line: node.line, column: node.column, message: message, remedy: remedy))
    }

    mutating func reportUnsupported(_ node: DocumentNode, _ what: String) {
        report(node, "`\(what)` is not supported by this version; the file is refused so that no protection is missed silently")
    }

    mutating func reportUnknown(_ node: DocumentNode, _ name: String, known: [String], unsupported: [String] = []) {
        if unsupported.contains(name) {
            reportUnsupported(node, name)
        } else if let meant = Suggestion.nearest(to: name, among: known) {
            report(node, "unknown key `\(shown(name))`", remedy: "\(meant):")
        } else {
            report(node, "unknown key `\(shown(name))`; known here: \(known.joined(separator: ", "))")
        }
    }

    /// Calls `body` for every known key of a mapping and reports the others.
    mutating func forEachKey(
        of node: DocumentNode, in parent: String, known: [String], unsupported: [String] = [],
        _ body: (inout PolicyReader, String, DocumentNode) -> Void
    ) {
        guard case .mapping(let pairs) = node.content else {
            report(node, "`\(parent)` is a mapping, not \(node.kind)", remedy: "\(parent): { \(known[0]): … }")
            return
        }
        for (key, value) in pairs {
            guard let name = key.scalarText else {
                report(key, "a key is a word, not \(key.kind)")
                continue
            }
            if known.contains(name) {
                body(&self, name, value)
            } else {
                reportUnknown(key, name, known: known, unsupported: unsupported)
            }
        }
    }

    /// A scalar that is text to every YAML reader.
    mutating func string(_ node: DocumentNode, key: String) -> String? {
        if let text = node.string { return text }
        let scalar = node.scalarText ?? ""
        report(
            node, "`\(key)` takes text, not \(node.kind)",
            remedy: scalar.isEmpty ? "\(key): TEXT" : "\(key): \"\(shown(scalar))\"")
        return nil
    }

    /// The items of a list of text; items of other kinds are reported and left out.
    mutating func strings(_ node: DocumentNode, key: String, example: String) -> [(text: String, node: DocumentNode)] {
        guard case .sequence(let items) = node.content else {
            let item = node.string.map { YAMLText.scalar(shown($0)) } ?? example
            report(node, "`\(key)` is a list, not \(node.kind)", remedy: "\(key): [\(item)]")
            return []
        }
        if items.isEmpty { report(node, "`\(key)` is empty; leave it out or list something", remedy: "\(key): [\(example)]") }
        var result: [(String, DocumentNode)] = []
        for item in items {
            guard let text = item.string else {
                report(item, "`\(key)` lists text, not \(item.kind)", remedy: item.scalarText.flatMap { $0.isEmpty ? nil : "\"\(shown($0))\"" })
                continue
            }
            result.append((text, item))
        }
        return result
    }

    func shown(_ text: String) -> String { TextSafety.printable(text, limitBytes: 128) }
}

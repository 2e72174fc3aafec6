import WireFormats

extension PolicyReader {
    private static let hostKeys = ["host", "methods", "paths", "ports", "inspect", "comment"]
    private static let addressKeys = ["address", "ports", "protocol", "comment"]

    /// The values of one entry, still as written.
    private struct Entry {
        var values: [String: DocumentNode] = [:]
        let node: DocumentNode
    }

    mutating func readRules(_ node: DocumentNode, effect: RuleEffect) {
        guard case .sequence(let items) = node.content else {
            // `allow:` with nothing behind it is an empty list.
            if case .scalar("", isPlain: true) = node.content { return }
            report(node, "`\(effect.rawValue)` is a list of rules, not \(node.kind)", remedy: "\(effect.rawValue):\n  - host: NAME")
            return
        }
        for item in items {
            switch item.content {
            case .scalar:
                guard let text = item.string else {
                    report(item, "a rule is a host or a mapping, not \(item.kind)", remedy: "- host: NAME")
                    continue
                }
                readHost(text, Entry(node: item), at: item, effect: effect)
            case .mapping(let pairs): readEntry(pairs, item, effect: effect)
            case .sequence: report(item, "a rule is a host or a mapping, not a list", remedy: "- host: NAME")
            }
            guard problems.count <= PolicyLimits.problemCount else { return }
        }
    }

    private mutating func readEntry(
        _ pairs: [(key: DocumentNode, value: DocumentNode)], _ node: DocumentNode, effect: RuleEffect
    ) {
        let names = pairs.compactMap(\.key.scalarText)
        let isHost = names.contains("host")
        let isAddress = names.contains("address")
        guard isHost != isAddress else {
            let unknown = pairs.first { pair in
                pair.key.scalarText.map { !PolicyReader.hostKeys.contains($0) && !PolicyReader.addressKeys.contains($0) } ?? true
            }
            if !isHost, let unknown, let name = unknown.key.scalarText {
                reportUnknown(unknown.key, name, known: ["host", "address"])
            } else {
                report(node, isHost ? "a rule is for a `host` or for an `address`, not both" : "the rule names no host", remedy: "- host: NAME")
            }
            return
        }
        var entry = Entry(node: node)
        var known = isHost ? PolicyReader.hostKeys : PolicyReader.addressKeys
        if effect == .deny { known.removeAll { $0 == "inspect" } }
        forEachKey(of: node, in: "rule", known: known) { _, name, value in entry.values[name] = value }
        if isHost, let value = entry.values["host"] {
            guard let text = string(value, key: "host") else { return }
            readHost(text, entry, at: value, effect: effect)
        } else if let value = entry.values["address"] {
            guard let text = value.scalarText else {
                report(value, "`address` takes an address, not \(value.kind)", remedy: "address: 10.1.2.3/32")
                return
            }
            readAddress(text, entry, at: value, effect: effect)
        }
    }

    private mutating func readHost(_ text: String, _ entry: Entry, at node: DocumentNode, effect: RuleEffect) {
        var pattern: HostPattern?
        do {
            pattern = try HostPattern(text, mayBeBroad: effect == .deny)
        } catch {
            report(node, error.message, remedy: error.remedy)
        }
        let ports = readPorts(entry.values["ports"])
        let methods = readMethods(entry.values["methods"])
        let paths = readPaths(entry.values["paths"])
        let inspection = entry.values["inspect"].map { readInspect($0) } ?? .full
        if inspection == .sni, let node = entry.values["methods"] ?? entry.values["paths"] {
            report(node, "requests of a host with `inspect: sni` are not read, so its rule has no methods and no paths")
        }
        let comment = readComment(entry.values["comment"])
        guard let pattern else { return }
        file.hostRules.append(
            HostRule(
                effect: effect, pattern: pattern, ports: ports ?? (effect == .allow ? .web : nil), methods: methods,
                paths: paths, inspection: inspection, comment: comment,
                origin: RuleOrigin(source: source, line: entry.node.line)))
    }

    private mutating func readAddress(_ text: String, _ entry: Entry, at node: DocumentNode, effect: RuleEffect) {
        let ports = readPorts(entry.values["ports"])
        if effect == .allow, entry.values["ports"] == nil {
            report(entry.node, "an address rule names its ports", remedy: "- { address: \(YAMLText.scalar(shown(text))), ports: [443] }")
        }
        if let value = entry.values["protocol"] { readProtocol(value) }
        let comment = readComment(entry.values["comment"])
        guard let prefix = readPrefix(text, at: node, effect: effect) else { return }
        file.addressRules.append(
            AddressRule(
                effect: effect, prefix: prefix, ports: ports, comment: comment,
                origin: RuleOrigin(source: source, line: entry.node.line)))
    }

    private mutating func readPrefix(_ text: String, at node: DocumentNode, effect: RuleEffect) -> IPPrefix? {
        guard let prefix = IPPrefix(text) else {
            let parts = text.split(separator: "/", maxSplits: 1)
            if parts.count == 2, let base = IPAddress(String(parts[0])), let length = Int(parts[1]), (0...base.bitWidth).contains(length) {
                report(node, "`\(shown(text))` has bits set behind its prefix length", remedy: "address: \(YAMLText.scalar("\(base.masked(to: length))/\(length)"))")
            } else if parts.first.map({ (try? HostName(String($0))) != nil }) == true {
                report(node, "`\(shown(text))` is a name, not an address", remedy: "- host: \(parts[0])")
            } else {
                report(node, "`\(shown(text))` is not an address", remedy: "address: 10.1.2.3/32")
            }
            return nil
        }
        if prefix.base.unmapped != prefix.base, prefix.length >= 96 {
            report(
                node, "`\(prefix)` is the IPv6 spelling of an IPv4 address",
                remedy: "address: \(prefix.base.unmapped)/\(prefix.length - 96)")
            return nil
        }
        let narrowest = prefix.base.family == .v4 ? 8 : 16
        guard effect == .deny || prefix.length >= narrowest else {
            report(
                node, "`\(prefix)` is too broad: an address rule covers a /\(narrowest) at most",
                remedy: "address: \(YAMLText.scalar("\(prefix.base)/\(prefix.base.bitWidth)"))")
            return nil
        }
        return prefix
    }

    private mutating func readPorts(_ node: DocumentNode?) -> PortSet? {
        guard let node else { return nil }
        guard case .sequence(let items) = node.content, !items.isEmpty else {
            report(node, "`ports` is a list of ports", remedy: "ports: [\(node.scalarText.flatMap { portRange($0) }.map { PortSet([$0]).description } ?? "443")]")
            return nil
        }
        guard items.count <= PolicyLimits.portRangesPerRule else {
            report(node, "more than \(PolicyLimits.portRangesPerRule) entries in `ports`; write ranges", remedy: "ports: [8000-8100]")
            return nil
        }
        var ranges: [ClosedRange<UInt16>] = []
        for item in items {
            guard let text = item.scalarText, let range = portRange(text) else {
                report(item, "a port is a number from 1 to 65535 or a range of them", remedy: "ports: [443, 8000-8100]")
                continue
            }
            ranges.append(range)
        }
        return ranges.isEmpty ? nil : PortSet(ranges)
    }

    private func portRange(_ text: String) -> ClosedRange<UInt16>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { part -> UInt16? in
            guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), part.utf8.first != UInt8(ascii: "0") else { return nil }
            return UInt16(part)
        }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else { return nil }
        return first...last
    }

    private mutating func readMethods(_ node: DocumentNode?) -> MethodSet? {
        guard let node else { return nil }
        var names: [String] = []
        for item in strings(node, key: "methods", example: "GET, HEAD") {
            let bytes = Array(item.text.utf8)
            if HTTPMethods.isRegistered(bytes.span) {
                if !names.contains(item.text) { names.append(item.text) }
                continue
            }
            let meant = Suggestion.nearest(to: item.text, among: HTTPMethods.registered)
            report(
                item.node,
                item.text.uppercased() == meant
                    ? "methods are written in upper case" : "`\(shown(item.text))` is not a registered HTTP method",
                remedy: "methods: [\(meant ?? "GET")]")
        }
        return names.isEmpty ? nil : MethodSet(names)
    }

    private mutating func readPaths(_ node: DocumentNode?) -> [PathPattern] {
        guard let node else { return [] }
        let items = strings(node, key: "paths", example: "\"/repos/my-org/**\"")
        guard items.count <= PolicyLimits.pathPatternsPerRule else {
            report(node, "more than \(PolicyLimits.pathPatternsPerRule) entries in `paths`")
            return []
        }
        var patterns: [PathPattern] = []
        for item in items {
            do {
                patterns.append(try PathPattern(item.text))
            } catch {
                let remedy: String? =
                    switch error {
                    case .noLeadingSlash: "paths: [\(YAMLText.scalar("/" + shown(item.text)))]"
                    case .hasQuery: "paths: [\(YAMLText.scalar(shown(String(item.text.prefix { $0 != "?" && $0 != "#" }))))]"
                    case .tooLong, .dotSegment, .ambiguous: nil
                    }
                report(item.node, "\(error)", remedy: remedy)
            }
        }
        return patterns
    }

    private mutating func readInspect(_ node: DocumentNode) -> Inspection {
        guard let text = string(node, key: "inspect") else { return .full }
        switch text {
        case Inspection.full.rawValue: return .full
        case Inspection.sni.rawValue: return .sni
        default:
            report(
                node, "`\(shown(text))` is not an inspection level",
                remedy: "inspect: \(Suggestion.nearest(to: text, among: ["full", "sni"]) ?? "full")")
            return .full
        }
    }

    private mutating func readProtocol(_ node: DocumentNode) {
        guard let text = string(node, key: "protocol"), text != "tcp" else { return }
        if text == "udp" { reportUnsupported(node, "protocol: udp") } else {
            report(node, "`\(shown(text))` is not a protocol", remedy: "protocol: tcp")
        }
    }

    private mutating func readComment(_ node: DocumentNode?) -> String? {
        guard let node, let text = string(node, key: "comment") else { return nil }
        guard text.utf8.count <= PolicyLimits.commentBytes else {
            report(node, "the comment is longer than \(PolicyLimits.commentBytes) bytes")
            return nil
        }
        return TextSafety.printable(text, limitBytes: PolicyLimits.commentBytes)
    }
}

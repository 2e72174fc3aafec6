import WireFormats

extension PolicyModel {
    /// The policy with the rules of the command line added.
    ///
    /// - Throws: a problem for each flag that cannot be used, with the flag as its source.
    package func adding(_ rules: CommandLineRules) throws(PolicyError) -> PolicyModel {
        var result = self
        var file = PolicyFile()
        var problems: [PolicyProblem] = []
        for argument in rules.allow {
            do {
                try file.addAllow(argument)
            } catch {
                let shown = TextSafety.printable(argument, limitBytes: 128)
                problems.append(PolicyProblem(source: "--allow \(shown)", message: error.message, remedy: error.remedy))
            }
        }
        guard problems.isEmpty else { throw PolicyError(problems) }
        if !rules.allow.isEmpty { result.addSource("--allow") }
        if rules.observe {
            result.mode = .observe
            result.addSource("--observe")
        }
        result.add(file)
        return result
    }
}

extension PolicyFile {
    fileprivate mutating func addAllow(_ argument: String) throws(HostPatternError) {
        let origin = RuleOrigin(source: "--allow \(TextSafety.printable(argument, limitBytes: 128))", line: 0)
        guard !argument.contains("://") else {
            throw HostPatternError("a URL; the flag takes a name and a port", remedy: "--allow HOST[:PORT]")
        }
        if let prefix = IPPrefix(PolicyFile.unbracketed(argument)) {
            throw HostPatternError("an address needs its port", remedy: "--allow \(PolicyFile.flagText(prefix)):443")
        }
        let (target, port) = try PolicyFile.splitPort(argument)
        if let port, let prefix = IPPrefix(PolicyFile.unbracketed(target)) {
            guard prefix.length >= (prefix.base.family == .v4 ? 8 : 16) else {
                throw HostPatternError("`\(prefix)` is too broad", remedy: "--allow ADDRESS:PORT")
            }
            guard prefix.base.unmapped == prefix.base else {
                throw HostPatternError("the IPv6 spelling of an IPv4 address", remedy: "--allow \(prefix.base.unmapped):\(port)")
            }
            addressRules.append(
                AddressRule(effect: .allow, prefix: prefix, ports: PortSet([port...port]), comment: nil, origin: origin))
            return
        }
        let pattern: HostPattern
        do {
            pattern = try HostPattern(target, mayBeBroad: false)
        } catch {
            throw HostPatternError(error.message, remedy: "--allow HOST[:PORT]")
        }
        hostRules.append(
            HostRule(
                effect: .allow, pattern: pattern, ports: port.map { PortSet([$0...$0]) } ?? .web, methods: nil, paths: [],
                inspection: .full, comment: nil, origin: origin))
    }

    private static func splitPort(_ argument: String) throws(HostPatternError) -> (String, UInt16?) {
        guard let colon = argument.lastIndex(of: ":") else { return (argument, nil) }
        let digits = argument[argument.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits), port > 0 else {
            throw HostPatternError(
                "`\(TextSafety.printable(String(digits), limitBytes: 32))` is not a port", remedy: "--allow HOST[:PORT]")
        }
        return (String(argument[..<colon]), port)
    }

    private static func unbracketed(_ text: String) -> String {
        guard text.hasPrefix("["), text.hasSuffix("]"), text.utf8.count > 2 else { return text }
        return String(text.dropFirst().dropLast())
    }

    private static func flagText(_ prefix: IPPrefix) -> String {
        let text = prefix.length == prefix.base.bitWidth ? prefix.base.description : prefix.description
        return prefix.base.family == .v6 ? "[\(text)]" : text
    }
}

import WireFormats

extension HostPattern {
    /// Reads `NAME` or `*.NAME`.
    ///
    /// - Parameter mayBeBroad: true for deny rules, which may cover a whole top-level domain.
    /// - Throws: what is wrong with it, and the rule that was probably meant.
    init(_ text: String, mayBeBroad: Bool) throws(HostPatternError) {
        let shown = TextSafety.printable(text, limitBytes: 128)
        guard !text.isEmpty else { throw HostPatternError("the host is empty", remedy: "- host: NAME") }
        try HostPattern.refuseOtherThings(text, shown: shown)
        guard text != "*" else {
            throw HostPatternError(
                "`*` would open every host there is; a policy lists the hosts it opens", remedy: "- host: NAME")
        }
        let isWildcard = text.hasPrefix("*.")
        let body = isWildcard ? String(text.dropFirst(2)) : text
        guard !body.contains("*") else {
            let labels = body.split(separator: ".")
            let tail = labels[(labels.lastIndex { $0.contains("*") }.map { $0 + 1 } ?? 0)...].joined(separator: ".")
            throw HostPatternError(
                "`*` stands only for whole labels at the very left of a name",
                remedy: tail.isEmpty || PublicSuffix.isTooBroad(tail) ? "- host: NAME" : "- host: \"*.\(tail)\"")
        }
        let name = try HostPattern.name(body, shown: shown)
        guard isWildcard else {
            self = .exact(name)
            return
        }
        guard mayBeBroad || !PublicSuffix.isTooBroad(name.text) else {
            throw HostPatternError(
                "`*.\(name.text)` is too broad: anybody can get a name below `\(name.text)`",
                remedy: name.text.contains(".") ? "- host: NAME.\(name.text)" : "- host: \"*.NAME.\(name.text)\"")
        }
        self = .below(name)
    }

    private static func name(_ text: String, shown: String) throws(HostPatternError) -> HostName {
        guard let ascii = InternationalName.ascii(text) else {
            throw HostPatternError("`\(shown)` is not a host name: it holds characters that no registry permits")
        }
        do {
            return try HostName(ascii)
        } catch {
            throw HostPatternError("`\(shown)` is not a host name: \(error)")
        }
    }

    /// URLs, addresses and `host:port` are what people paste; each has a right place in a rule.
    private static func refuseOtherThings(_ text: String, shown: String) throws(HostPatternError) {
        if let schemeEnd = text.range(of: "://") {
            throw HostPatternError(
                "`\(shown)` is a URL; `host` takes a name, `paths` the rest",
                remedy: urlRule(text[schemeEnd.upperBound...], scheme: text[..<schemeEnd.lowerBound].lowercased()))
        }
        if let address = addressText(text) {
            throw HostPatternError(
                "`\(shown)` is an address, not a name", remedy: "- { address: \(YAMLText.scalar(address)), ports: [443] }")
        }
        if text.contains("/") {
            throw HostPatternError(
                "`\(shown)` has a path; `host` takes a name, `paths` the rest", remedy: urlRule(text[...], scheme: ""))
        }
        if let colon = text.lastIndex(of: ":") {
            let name = String(text[..<colon])
            let port = UInt16(text[text.index(after: colon)...])
            throw HostPatternError(
                "`\(shown)` has a port; `host` takes a name, `ports` the port",
                remedy: "- { host: \(YAMLText.scalar(TextSafety.printable(name, limitBytes: 253))), ports: [\(port ?? 443)] }")
        }
    }

    /// An address or block in any spelling people use, brackets included.
    private static func addressText(_ text: String) -> String? {
        if let prefix = IPPrefix(text) { return prefix.length == prefix.base.bitWidth ? prefix.base.description : prefix.description }
        let parts = text.split(separator: "/", maxSplits: 1)
        if parts.count == 2, let base = IPAddress(String(parts[0])), let length = Int(parts[1]),
            (0...base.bitWidth).contains(length)
        {
            return "\(base.masked(to: length))/\(length)"
        }
        guard text.hasPrefix("["), let end = text.firstIndex(of: "]") else {
            // 10.1.2.3:5432
            guard let colon = text.lastIndex(of: ":") else { return nil }
            return IPAddress(String(text[..<colon])).flatMap { $0.family == .v4 ? $0.description : nil }
        }
        return IPAddress(String(text[text.index(after: text.startIndex)..<end]))?.description
    }

    private static func urlRule(_ rest: Substring, scheme: String) -> String {
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest[authority.endIndex...].prefix { $0 != "?" && $0 != "#" }
        var host = authority.split(separator: "@").last.map(String.init) ?? ""
        var port: UInt16?
        if let colon = host.lastIndex(of: ":"), let number = UInt16(host[host.index(after: colon)...]) {
            host = String(host[..<colon])
            port = number
        }
        if port == (scheme == "http" ? 80 : 443) { port = nil }
        var keys = ["host: \(YAMLText.scalar(TextSafety.printable(host, limitBytes: 253)))"]
        if let port { keys.append("ports: [\(port)]") }
        if !path.isEmpty, path != "/" { keys.append("paths: [\(YAMLText.scalar(TextSafety.printable(String(path), limitBytes: 253)))]") }
        return keys.count == 1 ? "- \(keys[0])" : "- { \(keys.joined(separator: ", ")) }"
    }
}

extension StringProtocol {
    /// The first occurrence of `needle`, without Foundation.
    fileprivate func range(of needle: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}

package import WireFormats

/// What somebody asks about: a URL, a host, or an address.
package enum WhyQuery: Hashable, Sendable {
    /// `path` is the path of the URL without query; `/` when it has none.
    case request(method: String, scheme: String, host: HostName, port: UInt16, path: String)
    case host(HostName)
    case address(IPAddress, port: UInt16)

    /// Reads `https://host[:port][/path]`, `HOST`, `HOST:PORT`, `IP`, `IP:PORT` or `[IPv6]:PORT`.
    ///
    /// - Parameter method: for URLs; GET when `nil`.
    /// - Throws: why it is none of them.
    package init(_ text: String, method: String? = nil) throws(WhyQueryError) {
        if let method, !HTTPMethods.isRegistered(Array(method.utf8).span) {
            throw .method(TextSafety.printable(method, limitBytes: 32))
        }
        let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        if parts.count >= 3, parts[1].isEmpty, parts[0].hasSuffix(":") {
            self = try WhyQuery.url(parts, method: method ?? "GET")
            return
        }
        let (target, port) = try WhyQuery.splitPort(text)
        if let address = IPAddress(target) {
            self = .address(address, port: port ?? 443)
        } else if let port {
            self = .request(method: method ?? "GET", scheme: port == 80 ? "http" : "https", host: try WhyQuery.name(target), port: port, path: "/")
        } else {
            self = .host(try WhyQuery.name(target))
        }
    }

    private static func url(_ parts: [Substring], method: String) throws(WhyQueryError) -> WhyQuery {
        let scheme = parts[0].dropLast().lowercased()
        guard scheme == "http" || scheme == "https" else { throw .scheme(TextSafety.printable(scheme, limitBytes: 32)) }
        guard !parts[2].contains("@") else { throw .userInfo }
        let authority = String(parts[2].prefix { $0 != "?" && $0 != "#" })
        let (target, port) = try splitPort(authority)
        let usedPort = port ?? (scheme == "http" ? 80 : 443)
        if let address = IPAddress(target) { return .address(address, port: usedPort) }
        let path = parts.count == 4 ? "/" + parts[3].prefix { $0 != "?" && $0 != "#" } : "/"
        return .request(method: method, scheme: scheme, host: try name(target), port: usedPort, path: path)
    }

    private static func splitPort(_ text: String) throws(WhyQueryError) -> (String, UInt16?) {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let rest = text[text.index(after: end)...]
            return (String(text[text.index(after: text.startIndex)..<end]), rest.isEmpty ? nil : try port(rest.dropFirst()))
        }
        guard let colon = text.lastIndex(of: ":"), IPAddress(text) == nil else { return (text, nil) }
        return (String(text[..<colon]), try port(text[text.index(after: colon)...]))
    }

    private static func port(_ text: Substring) throws(WhyQueryError) -> UInt16 {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(text), port > 0 else { throw .port }
        return port
    }

    private static func name(_ text: String) throws(WhyQueryError) -> HostName {
        guard let ascii = InternationalName.ascii(text) else { throw .notANameOrAddress }
        do { return try HostName(ascii) } catch { throw .name(error) }
    }
}

extension WhyQuery: CustomStringConvertible {
    package var description: String {
        switch self {
        case .request(let method, let scheme, let host, let port, let path):
            let isDefault = port == (scheme == "http" ? 80 : 443)
            let text = "\(method) \(scheme)://\(host)\(isDefault ? "" : ":\(port)")\(path)"
            return TextSafety.printable(text, limitBytes: PolicyLimits.denialSubjectBytes)
        case .host(let name): return name.text
        case .address(let address, let port): return address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)"
        }
    }
}

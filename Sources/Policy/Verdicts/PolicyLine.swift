package import WireFormats

/// One line of YAML that can be pasted under `allow:`.
package struct PolicyLine: Hashable, Sendable {
    package let text: String

    /// `- host: NAME`, with ports when they are not the default.
    package static func host(_ host: HostName, port: UInt16 = 443) -> PolicyLine {
        PolicyLine(keys: ["host: \(YAMLText.scalar(host.text))"] + portKey(port))
    }

    /// `- { host: NAME, ports: [853], inspect: sni }`, for protocols that are not HTTP inside.
    static func uninspectedHost(_ host: HostName, port: UInt16) -> PolicyLine {
        PolicyLine(keys: ["host: \(YAMLText.scalar(host.text))"] + portKey(port) + ["inspect: sni"])
    }

    /// One request: `- { host: NAME, methods: [POST], paths: ["/v1/x"] }`.
    ///
    /// - Parameter path: a normalised path without stars of its own, or `nil` to leave `paths` out.
    static func request(_ host: HostName, port: UInt16, method: String, path: String?) -> PolicyLine {
        var keys = ["host: \(YAMLText.scalar(host.text))"] + portKey(port)
        keys.append("methods: [\(YAMLText.scalar(method))]")
        if let path { keys.append("paths: [\(YAMLText.scalar(path))]") }
        return PolicyLine(keys: keys)
    }

    /// `- { address: 10.1.2.3/32, ports: [5432] }`
    package static func address(_ address: IPAddress, port: UInt16) -> PolicyLine {
        PolicyLine(keys: ["address: \(YAMLText.scalar("\(address)/\(address.bitWidth)"))", "ports: [\(port)]"])
    }

    private init(keys: [String]) {
        text = keys.count == 1 ? "- \(keys[0])" : "- { \(keys.joined(separator: ", ")) }"
    }

    private static func portKey(_ port: UInt16) -> [String] { PortSet.web.contains(port) ? [] : ["ports: [\(port)]"] }
}

extension PolicyLine: CustomStringConvertible {
    package var description: String { text }
}

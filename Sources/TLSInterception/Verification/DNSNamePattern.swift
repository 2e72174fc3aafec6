internal import WireFormats

/// A dNSName of a certificate: a host name, or `*.` and one (RFC 6125 section 6.4, CA/B BR 7.1.4.2.1).
///
/// The wildcard is the whole leftmost label, stands for exactly one label, and is never followed by a single label (`*.com`).
struct DNSNamePattern: Hashable, Sendable {
    let isWildcard: Bool
    /// Lower case; without the `*.`.
    let name: [UInt8]

    /// - Parameter allowsUnderscore: the character is common in private networks and forbidden in the public DNS of hosts.
    /// - Returns: `nil` for what is no name or pattern.
    init?(_ bytes: [UInt8], allowsUnderscore: Bool) {
        let star = Array("*.".utf8)
        isWildcard = bytes.starts(with: star)
        let rest = isWildcard ? Array(bytes.dropFirst(2)) : bytes
        // A trailing dot is not part of the preferred name syntax (RFC 1034 section 3.5).
        guard rest.last != UInt8(ascii: "."), let host = try? HostName(rest.span) else { return nil }
        name = Array(host.text.utf8)
        guard allowsUnderscore || !name.contains(UInt8(ascii: "_")) else { return nil }
        guard !isWildcard || name.contains(UInt8(ascii: ".")) else { return nil }
    }

    func matches(_ host: HostName) -> Bool {
        let text = Array(host.text.utf8)
        guard isWildcard else { return text == name }
        guard let dot = text.firstIndex(of: UInt8(ascii: ".")) else { return false }
        return text[(dot + 1)...].elementsEqual(name)
    }
}

package import WireFormats

/// Whom the gateway asks for names.
package enum DNSResolver: Hashable, Sendable {
    /// The servers of the host's own configuration.
    case system
    /// These, in order; never empty.
    case addresses([IPAddress])
}

extension DNSResolver: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system: "system"
        case .addresses(let addresses): addresses.map(\.description).joined(separator: ", ")
        }
    }
}

package import WireFormats

/// Whom a certificate must speak for: what the agent named in its ClientHello, or the address it connected to without a name.
package enum ServerIdentity: Hashable, Sendable {
    case name(HostName)
    case address(IPAddress)
}

extension ServerIdentity: CustomStringConvertible {
    package var description: String {
        switch self {
        case .name(let name): name.description
        case .address(let address): address.description
        }
    }
}

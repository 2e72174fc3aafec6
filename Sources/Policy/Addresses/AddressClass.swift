/// Kinds of addresses that no name may lead to, and that only an explicit `address` rule opens.
package enum AddressClass: String, CaseIterable, Sendable, Hashable {
    case unspecified
    case thisNetwork = "this-network"
    case loopback
    case linkLocal = "link-local"
    /// Where clouds hand out credentials to whoever asks from inside.
    case metadata
    /// RFC 1918.
    case privateUse = "private"
    /// Carrier-grade NAT, RFC 6598.
    case sharedAddressSpace = "shared"
    /// fc00::/7, RFC 4193.
    case uniqueLocal = "unique-local"
    /// fec0::/10, RFC 3879.
    case siteLocal = "site-local"
    case multicast
    case broadcast
    case documentation
    case benchmarking
    case protocolAssignments = "protocol-assignments"
    /// 64:ff9b:1::/48, RFC 8215.
    case localTranslation = "local-translation"
    /// Not allocated for use on the public Internet.
    case reserved
}

extension AddressClass: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unspecified: "the unspecified address"
        case .thisNetwork: "an address of “this network”"
        case .loopback: "a loopback address"
        case .linkLocal: "a link-local address"
        case .metadata: "a cloud metadata service"
        case .privateUse: "a private address"
        case .sharedAddressSpace: "a carrier-grade NAT address"
        case .uniqueLocal: "a unique-local address"
        case .siteLocal: "a site-local address"
        case .multicast: "a multicast address"
        case .broadcast: "the broadcast address"
        case .documentation: "a documentation address"
        case .benchmarking: "a benchmarking address"
        case .protocolAssignments: "an address set aside for protocols"
        case .localTranslation: "a local translation address"
        case .reserved: "a reserved address"
        }
    }
}

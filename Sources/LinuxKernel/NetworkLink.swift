/// One interface of a network namespace, as far as guarding it goes.
package struct NetworkLink: Hashable, Sendable {
    package var index: Int32
    package var name: String
    /// `veth`, `bridge`, `tun`, …; `nil` for hardware and for the loopback.
    package var kind: String?
    /// The bridge or bond it is a port of.
    package var master: Int32?
    /// A veth's other end.
    package var peer: Int32?
    /// The namespace of the other end, by the number that this namespace has for it; `nil` when it is this one.
    package var peerNamespace: Int32?
    /// Tunnel ends that the kernel puts into every namespace (`sit0`, `tunl0`, …). They carry nothing while they are down.
    package var isUnused: Bool { !isUp && ["sit", "ipip", "ip6tnl", "gre", "gretap", "erspan", "ip6gre", "vti", "vti6"].contains(kind) }
    package var isUp = false
}

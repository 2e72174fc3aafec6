internal import CLinux
internal import Glibc
package import WireFormats

/// Links, addresses, routes and neighbours of the thread's network namespace (rtnetlink(7)).
package struct RouteSocket: ~Copyable {
    let socket: NetlinkSocket
    private static let create = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL

    package init() throws(SystemCallError) {
        socket = try NetlinkSocket(family: NETLINK_ROUTE)
    }

    /// The namespace that the other end of a veth pair is made in.
    package enum PeerNamespace {
        case ofProcess(Int32)
        /// By a descriptor that is open for the length of the call.
        case descriptor(Int32)
    }

    /// Makes a cable: its gateway's end here, its agent's end in another namespace. Hardware addresses are fixed, so that
    /// neighbours can be static.
    package func addVethPair(_ link: JailLink, agentNamespace: PeerNamespace) throws(SystemCallError) {
        var message = NetlinkMessage()
        message.begin(type: UInt16(RTM_NEWLINK), flags: Self.create)
        message.append([UInt8](repeating: 0, count: 16))
        message.attribute(UInt16(IFLA_IFNAME), string: link.gatewayName)
        message.attribute(UInt16(IFLA_ADDRESS), link.gatewayHardwareAddress)
        message.nested(UInt16(IFLA_LINKINFO)) { info in
            info.attribute(UInt16(IFLA_INFO_KIND), string: "veth")
            info.nested(UInt16(IFLA_INFO_DATA)) { data in
                data.nested(UInt16(VETH_INFO_PEER)) { end in
                    end.append([UInt8](repeating: 0, count: 16))
                    end.attribute(UInt16(IFLA_IFNAME), string: link.agentName)
                    end.attribute(UInt16(IFLA_ADDRESS), link.agentHardwareAddress)
                    switch agentNamespace {
                    case .ofProcess(let process):
                        end.attribute(UInt16(IFLA_NET_NS_PID), native: UInt32(bitPattern: process))
                    case .descriptor(let number):
                        end.attribute(UInt16(IFLA_NET_NS_FD), native: UInt32(bitPattern: number))
                    }
                }
            }
        }
        message.end()
        try socket.transact(message, acknowledgements: 1, "make the veth pair \(link.gatewayName)")
    }

    /// Brings an interface up, without addresses that the kernel would make by itself.
    package func bringUp(_ name: String) throws(SystemCallError) {
        let index = try Self.index(of: name)
        var message = NetlinkMessage()
        message.begin(type: UInt16(RTM_NEWLINK), flags: NLM_F_REQUEST | NLM_F_ACK)
        message.append([0, 0, 0, 0] + Self.native(index) + Self.native(UInt32(IFF_UP)) + Self.native(UInt32(IFF_UP)))
        if name != "lo" {
            message.nested(UInt16(IFLA_AF_SPEC)) { families in
                families.nested(UInt16(AF_INET6)) { v6 in
                    // IN6_ADDR_GEN_MODE_NONE: no link-local address, so no duplicate detection and no waiting for it.
                    v6.attribute(UInt16(IFLA_INET6_ADDR_GEN_MODE), native: UInt8(1))
                }
            }
        }
        message.end()
        try socket.transact(message, acknowledgements: 1, "bring up \(name)")
    }

    /// - Parameter prefixLength: in bits.
    package func addAddress(_ address: IPAddress, prefixLength: UInt8, to name: String) throws(SystemCallError) {
        let index = try Self.index(of: name)
        var message = NetlinkMessage()
        message.begin(type: UInt16(RTM_NEWADDR), flags: Self.create)
        message.append([Self.family(address), prefixLength, UInt8(IFA_F_NODAD), 0] + Self.native(index))
        message.attribute(UInt16(IFA_LOCAL), address.bytes)
        message.attribute(UInt16(IFA_ADDRESS), address.bytes)
        message.end()
        try socket.transact(message, acknowledgements: 1, "add \(address) to \(name)")
    }

    /// Sends everything that has no better route to `gateway`.
    package func addDefaultRoute(by gateway: IPAddress) throws(SystemCallError) {
        var message = NetlinkMessage()
        message.begin(type: UInt16(RTM_NEWROUTE), flags: Self.create)
        message.append([
            Self.family(gateway), 0, 0, 0, UInt8(RT_TABLE_MAIN.rawValue), UInt8(RTPROT_STATIC),
            UInt8(RT_SCOPE_UNIVERSE.rawValue), UInt8(RTN_UNICAST), 0, 0, 0, 0,
        ])
        message.attribute(UInt16(RTA_GATEWAY.rawValue), gateway.bytes)
        message.end()
        try socket.transact(message, acknowledgements: 1, "route by \(gateway)")
    }

    /// Fixes a neighbour's hardware address, so that no ARP or neighbour discovery is needed or believed.
    package func addNeighbour(_ address: IPAddress, hardwareAddress: [UInt8], on name: String) throws(SystemCallError) {
        let index = try Self.index(of: name)
        var message = NetlinkMessage()
        message.begin(type: UInt16(RTM_NEWNEIGH), flags: NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE)
        message.append([Self.family(address), 0, 0, 0] + Self.native(index) + [UInt8(NUD_PERMANENT), 0, 0, 0])
        message.attribute(UInt16(NDA_DST), address.bytes)
        message.attribute(UInt16(NDA_LLADDR), hardwareAddress)
        message.end()
        try socket.transact(message, acknowledgements: 1, "fix the neighbour \(address)")
    }

    private static func index(of name: String) throws(SystemCallError) -> UInt32 {
        // SAFETY: the name is a NUL-terminated copy for the length of the call.
        let index = unsafe if_nametoindex(name)
        guard index != 0 else { throw .last("find the interface \(name)") }
        return index
    }

    private static func family(_ address: IPAddress) -> UInt8 {
        UInt8(address.family == .v4 ? AF_INET : AF_INET6)
    }

    private static func native(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
    }
}

package import WireFormats

/// The cable between agent and gateway: names and addresses of its two ends.
///
/// Each jail has a gateway namespace of its own, so that all jails use the same ones. The IPv4 block is RFC 7335's,
/// made for exactly this (the local end of a translation), and the IPv6 prefix is a ULA of RFC 4193.
package struct JailLink: Hashable, Sendable {
    package var gatewayName = "agent0"
    package var agentName = "eth0"
    package var gatewayV4 = IPAddress(v4: 0xc000_0001)
    package var agentV4 = IPAddress(v4: 0xc000_0002)
    package var v4PrefixLength: UInt8 = 29
    package var gatewayV6 = IPAddress(v6High: 0xfd70_6f72_7463_0000, low: 1)
    package var agentV6 = IPAddress(v6High: 0xfd70_6f72_7463_0000, low: 2)
    package var v6PrefixLength: UInt8 = 64
    package var gatewayHardwareAddress: [UInt8] = [0x02, 0x70, 0x63, 0, 0, 1]
    package var agentHardwareAddress: [UInt8] = [0x02, 0x70, 0x63, 0, 0, 2]

    package init() {}

    /// Configures the gateway's end, in the gateway's namespace, once the pair exists.
    package func configureGatewayEnd(_ route: borrowing RouteSocket) throws(SystemCallError) {
        try configure(
            route, name: gatewayName, v4: gatewayV4, v6: gatewayV6,
            neighbours: (agentV4, agentV6, agentHardwareAddress))
    }

    /// Configures the agent's end, in the jail.
    package func configureAgentEnd(_ route: borrowing RouteSocket) throws(SystemCallError) {
        try configure(
            route, name: agentName, v4: agentV4, v6: agentV6,
            neighbours: (gatewayV4, gatewayV6, gatewayHardwareAddress))
        try route.addDefaultRoute(by: gatewayV4)
        try route.addDefaultRoute(by: gatewayV6)
    }

    private func configure(
        _ route: borrowing RouteSocket, name: String, v4: IPAddress, v6: IPAddress,
        neighbours: (v4: IPAddress, v6: IPAddress, hardwareAddress: [UInt8])
    ) throws(SystemCallError) {
        try route.bringUp("lo")
        try route.bringUp(name)
        try route.addAddress(v4, prefixLength: v4PrefixLength, to: name)
        try route.addAddress(v6, prefixLength: v6PrefixLength, to: name)
        try route.addNeighbour(neighbours.v4, hardwareAddress: neighbours.hardwareAddress, on: name)
        try route.addNeighbour(neighbours.v6, hardwareAddress: neighbours.hardwareAddress, on: name)
    }
}

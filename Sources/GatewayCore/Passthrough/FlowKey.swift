package import WireFormats

/// The addresses and ports of one flow, the agent's side first.
package struct FlowKey: Hashable, Sendable {
    package var transport: UInt8
    package var agentAddress: IPAddress
    package var agentPort: UInt16
    package var serverAddress: IPAddress
    package var serverPort: UInt16

    /// - Parameter packet: one that the agent sent.
    init(_ packet: IPPacket, sourcePort: UInt16, destinationPort: UInt16) {
        transport = packet.transport
        agentAddress = packet.source
        agentPort = sourcePort
        serverAddress = packet.destination
        serverPort = destinationPort
    }

    /// The key when the packet came from the server.
    var reversed: FlowKey {
        var key = self
        swap(&key.agentAddress, &key.serverAddress)
        swap(&key.agentPort, &key.serverPort)
        return key
    }

    /// For the log: `93.184.216.34:443`.
    var destination: String {
        serverAddress.family == .v4 ? "\(serverAddress):\(serverPort)" : "[\(serverAddress)]:\(serverPort)"
    }
}

package import WireFormats

/// Where the answer to a query goes: back the way it came.
package enum NameReturnPath: Hashable, Sendable {
    /// To the agent's socket, in the name of the server that it asked.
    case datagram(agentAddress: IPAddress, agentPort: UInt16, serverAddress: IPAddress)
    /// Over a TCP connection of the agent; the number names the query to whoever holds the connection.
    case stream(UInt64)
}

/// Which link of the chain a flow is judged at: the code of the denial depends on it.
package enum FlowStep: Sendable, Hashable {
    /// The first packet to an address that the name was resolved to.
    case address
    /// The server name in the ClientHello.
    case serverName
}

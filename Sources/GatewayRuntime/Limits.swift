/// Every limit of the shell, with what happens when it is hit.
package enum Limits {
    /// Connections that the kernel completes before they are accepted; past it, first packets are retried by the agent.
    package static let listenBacklog: Int32 = 1024

    /// Ports of the two transparent listeners in the gateway's namespace; nothing else listens there.
    package static let interceptPort: UInt16 = 8443
    package static let directPort: UInt16 = 8444

    /// The packet queue's number in the gateway's namespace.
    package static let queue: UInt16 = 0

    /// Bytes of `/etc/resolv.conf` and of trust stores that are read; a larger file is an error at start.
    package static let resolverConfigurationBytes = 64 * 1024
    package static let trustStoreBytes = 16 * 1024 * 1024

    /// Descriptors kept for everything but flows: queue, sockets, logs, one to refuse with. The rest is shared out, two
    /// to a flow; past that new flows are closed at once and old ones go on.
    package static let reservedDescriptors = 64
}

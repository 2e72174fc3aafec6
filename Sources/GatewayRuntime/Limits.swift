/// Every limit of the shell, with what happens when it is hit.
package enum Limits {
    /// Connections that the kernel completes before they are accepted; past it, first packets are retried by the agent.
    package static let listenBacklog: Int32 = 1024

    /// Ports of the two transparent listeners in the gateway's namespace; nothing else listens there.
    package static let interceptPort: UInt16 = 8443
    package static let directPort: UInt16 = 8444

    /// The packet queue's number in the gateway's namespace.
    package static let queue: UInt16 = 0

    /// The first packet queue that `up` tries in the machine's own namespace; others may have low numbers.
    package static let firstHostQueue: UInt16 = 20_546

    /// How often `up` looks whether a control group was made anew or a bridge got a port, in milliseconds.
    package static let watchMilliseconds: Int32 = 250

    /// Bytes of `/etc/resolv.conf` and of trust stores that are read; a larger file is an error at start.
    package static let resolverConfigurationBytes = 64 * 1024
    package static let trustStoreBytes = 16 * 1024 * 1024

    /// Descriptors kept for everything but flows: queue, sockets, logs, one to refuse with. The rest is shared out, two
    /// to a flow; past that new flows are closed at once and old ones go on.
    package static let reservedDescriptors = 64

    /// Event loops of the proxy at most; more cores are left to the agent.
    package static let proxyThreads = 4

    /// Plaintext read from a session in one go, per loop, in bytes.
    package static let scratchBytes = 64 * 1024

    /// Memory kept for the next write, per loop, in bytes; larger buffers are freed after use.
    package static let sendMemoryBytes = 128 * 1024

    /// What a TLS record adds to its plaintext at most: header, explicit nonce, content type, tag (RFC 8446 section 5.2).
    package static let recordOverheadBytes = 64

    /// Bytes kept of what cannot be used yet: first bytes, a pipelined request, a body before its upstream is connected.
    /// At the limit the connection is not read until they are used; first bytes past it end the connection.
    package static let waitingBytes = 128 * 1024

    /// DNS connections of an agent over TCP, on each loop; more are closed at once.
    package static let nameConnections = 64

    /// Queries of one such connection that wait for their answers, and of all of them that wait to be judged; past it the
    /// connection ends. Resolvers of systems have a handful on the way.
    package static let nameQueriesInFlight = 64
    package static let waitingNameQueries = 1024

    /// Seconds without a whole query or an answer until a DNS connection is closed (RFC 7766 section 6.2.3: “of the order
    /// of a few seconds”; longer than a resolver may take).
    package static let idleNameConnectionSeconds: UInt64 = 15

    /// Seconds an agent has to say what it speaks.
    package static let firstBytesSeconds: UInt64 = 15

    /// Seconds an agent connection may idle between requests; then it is closed.
    package static let idleAgentSeconds: UInt64 = 300

    /// Seconds without a byte of a request that has begun, and of a response that is awaited or has begun; then the
    /// connection ends.
    package static let requestStallSeconds: UInt64 = 60
    package static let responseStallSeconds: UInt64 = 900

    /// Seconds for one address to answer, and for an upstream to be connected and verified in all.
    package static let upstreamConnectSeconds: UInt64 = 5
    package static let upstreamReadySeconds: UInt64 = 20

    /// Addresses of a name that are tried, the one that was dialled first.
    package static let upstreamAddresses = 4

    /// Idle upstream connections kept on a loop, and for one host of them; more are closed after use. Servers close
    /// after 60 to 75 seconds as a rule; we go first.
    package static let idleUpstreams = 512
    package static let idleUpstreamsPerHost = 64
    package static let idleUpstreamSeconds: UInt64 = 55

    /// Seconds for an agent to read a last answer.
    package static let lingerSeconds: UInt64 = 2

    /// Bytes of a decision's line on a terminal; the rest is cut. JSON lines are bounded string by string.
    package static let logLineBytes = 4096
}

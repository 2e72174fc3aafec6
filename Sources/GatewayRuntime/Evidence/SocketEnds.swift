internal import LinuxKernel
internal import WireFormats

/// Sockets by the addresses of a flow's either end.
struct SocketEnds {
    private struct Ends: Hashable {
        var protocolNumber: UInt8
        var local: SocketAddress
        var remote: SocketAddress
    }

    private var sockets: [Ends: EvidenceFacts.OwnedSocket] = [:]

    init(_ sockets: [EvidenceFacts.OwnedSocket]) {
        for owned in sockets where owned.socket.kind != .raw && owned.socket.remotePort != 0 {
            // IPv4 over a socket of IPv6 is IPv4 to connection tracking.
            let ends = Ends(
                protocolNumber: owned.socket.kind == .tcp ? 6 : 17,
                local: SocketAddress(owned.socket.local.unmapped, port: owned.socket.localPort),
                remote: SocketAddress(owned.socket.remote.unmapped, port: owned.socket.remotePort))
            self.sockets[ends] = owned
        }
    }

    /// The socket that sends a flow's first direction, or else the one that answers.
    func socket(of flow: ConntrackEntry) -> EvidenceFacts.OwnedSocket? { socket(flow.original) ?? flow.reply.flatMap(socket) }

    /// The socket that sends as `tuple` has it.
    func socket(_ tuple: ConntrackEntry.Tuple) -> EvidenceFacts.OwnedSocket? {
        guard let sourcePort = tuple.sourcePort, let destinationPort = tuple.destinationPort else { return nil }
        return sockets[
            Ends(
                protocolNumber: tuple.protocolNumber, local: SocketAddress(tuple.source, port: sourcePort),
                remote: SocketAddress(tuple.destination, port: destinationPort))]
    }
}

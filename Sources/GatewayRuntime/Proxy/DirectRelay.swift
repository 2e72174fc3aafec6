internal import GatewayCore
internal import LinuxKernel
internal import NIOCore
internal import NIOPosix
internal import Policy
internal import WireFormats

/// A flow that an explicit address rule or a server name lets through: relayed unread, both ways, as fast as the slower side takes it.
/// Confined to its event loop.
final class DirectRelay: Timed {
    private let loop: ProxyLoop
    private let agent: any Channel
    private var upstream: (any Channel)?
    private var isClosed = false
    /// What was read of the agent's side before, for the upstream.
    private var firstBytes: [UInt8]
    private(set) var deadline: Timestamp

    init(loop: ProxyLoop, agent: any Channel, firstBytes: [UInt8] = []) {
        self.loop = loop
        self.agent = agent
        self.firstBytes = firstBytes
        deadline = loop.now.advanced(bySeconds: Limits.upstreamReadySeconds)
    }

    /// Checks the rule once more and connects.
    func start(to destination: LinuxKernel.SocketAddress) {
        let policy = loop.settings.policy
        guard policy.addressVerdict(destination.address, port: destination.port).isAllowed || policy.mode == .observe
        else { return close() }
        connect(to: destination)
    }

    /// Connects to where the agent was going, which somebody has accepted.
    func connect(to destination: LinuxKernel.SocketAddress) {
        guard let target = try? NIOCore.SocketAddress(
            packedIPAddress: ByteBuffer(bytes: destination.address.bytes), port: Int(destination.port))
        else { return close() }
        let relay = self
        ClientBootstrap(group: loop.eventLoop)
            .connectTimeout(.seconds(Int64(Limits.upstreamConnectSeconds)))
            .channelOption(.servedMark, value: SocketOptionValue(loop.settings.seal.servedMark))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: false)
            .connect(to: target)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel): relay.join(channel)
                case .failure(let error):
                    let reason = Reason.upstreamUnreachable
                    let denial = Denial(reason: reason, subject: destination.description)
                    try? relay.loop.settings.recorder.record(
                        Decision(
                            stage: .flow, agent: relay.loop.settings.agent, denial: denial,
                            detail: UpstreamConnection.describe(error, destination.address)))
                    relay.close()
                }
            }
    }

    private func join(_ channel: any Channel) {
        guard !isClosed else { return channel.close(promise: nil) }
        upstream = channel
        deadline = .never
        if !firstBytes.isEmpty {
            channel.writeAndFlush(ByteBuffer(bytes: firstBytes), promise: nil)
            firstBytes = []
        }
        do {
            try agent.pipeline.syncOperations.addHandler(RelayHandler(relay: self, peer: channel))
            try channel.pipeline.syncOperations.addHandler(RelayHandler(relay: self, peer: agent))
            try agent.syncOptions?.setOption(.autoRead, value: true)
            try channel.syncOptions?.setOption(.autoRead, value: true)
        } catch {
            close()
        }
    }

    /// Ends both sides; with a reset where nothing was ever connected.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        loop.unregister(self, isFlow: true)
        if upstream == nil {
            agent.resetOnClose()
        }
        agent.close(promise: nil)
        upstream?.close(promise: nil)
    }

    func deadlinePassed() { close() }
}

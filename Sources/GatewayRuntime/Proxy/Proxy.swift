internal import GatewayCore
internal import LinuxKernel
internal import NIOCore
internal import NIOPosix
internal import Policy
internal import TLSInterception
internal import WireFormats

/// The proxy role: event loops that serve the transparent listeners.
final class Proxy: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let loops: [Swift.ObjectIdentifier: NIOLoopBound<ProxyLoop>]
    private let settings: ProxySettings

    /// - Parameter descriptorLimit: of the process; flows are limited so that it is not reached by them alone.
    init(
        agent: AgentID, policy: CompiledPolicy, seal: AgentSeal, pins: PinStore, names: NameMailbox, recorder: any RecordSink,
        sessions: TLSSessions, descriptorLimit: Int
    ) throws {
        // Half of the cores: the agent needs the others, and a loop with more to do at a time wakes less often.
        let threads = min(max(System.coreCount / 2, 1), Limits.proxyThreads)
        // An agent's side and an upstream's.
        let flows = max((descriptorLimit - Limits.reservedDescriptors) / 2 / threads, 1)
        settings = ProxySettings(
            agent: agent, policy: policy, seal: seal, pins: pins, names: names, recorder: recorder, signer: sessions.signer,
            serverContext: sessions.serverContext, clientContext: sessions.clientContext, flowLimit: flows)
        group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let made = group.makeIterator().map { [settings] eventLoop in
            eventLoop.submit {
                let loop = ProxyLoop(settings: settings, eventLoop: eventLoop)
                loop.startDeadlines()
                return NIOLoopBound(loop, eventLoop: eventLoop)
            }
        }
        var loops: [Swift.ObjectIdentifier: NIOLoopBound<ProxyLoop>] = [:]
        for future in made { loops[Swift.ObjectIdentifier(future.eventLoop)] = try future.wait() }
        self.loops = loops
    }

    /// Starts to accept. The descriptors were opened in the gateway's network namespace, and stay in it.
    func listen(on listeners: Listeners) throws {
        let (loops, settings) = (loops, settings)
        let started = listeners.entries.map { entry in
            let acceptor = FlowAcceptor(family: entry.family, isDirect: entry.isDirect)
            return ServerBootstrap(group: group)
                .serverChannelOption(.maxMessagesPerRead, value: 16)
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            DescriptorReserve(listener: entry.descriptor, settings: settings))
                    }
                }
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard let loop = loops[Swift.ObjectIdentifier(channel.eventLoop)] else { throw FlowRefused() }
                        try acceptor.accept(channel, on: loop.value)
                    }
                }
                .withBoundSocket(entry.descriptor)
        }
        for future in started { _ = try future.wait() }
    }
}

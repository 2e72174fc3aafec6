internal import GatewayCore
internal import Glibc
internal import LinuxKernel
internal import NIOCore
internal import Policy
internal import WireFormats

/// Takes redirected connections off a listener's hands: asks the kernel where they were going, and refuses what is past
/// the limit. Runs on each connection's own loop.
struct FlowAcceptor: Sendable {
    let family: IPAddress.Family
    let isDirect: Bool

    /// - Throws: ``FlowRefused``; the channel is then closed with a reset.
    func accept(_ channel: any Channel, on loop: ProxyLoop) throws {
        // Without an original destination it is nobody's flow; the ruleset lets none such through.
        guard let destination = originalDestination(of: channel) else { throw reset(channel) }
        if isDirect {
            let relay = DirectRelay(loop: loop, agent: channel)
            guard loop.register(relay, isFlow: true) else { throw refuse(channel, destination, loop) }
            try channel.syncOptions?.setOption(.autoRead, value: false)
            relay.start(to: destination)
        } else if destination.port == 53 {
            let connection = NameConnection(loop: loop, channel: channel, destination: destination.description)
            guard loop.registerNames(connection) else { throw refuse(channel, destination, loop) }
            try channel.pipeline.syncOperations.addHandler(connection)
        } else {
            let connection = AgentConnection(loop: loop, channel: channel, destination: destination)
            guard loop.register(connection, isFlow: true) else { throw refuse(channel, destination, loop) }
            try channel.pipeline.syncOperations.addHandler(connection)
        }
    }

    private func originalDestination(of channel: any Channel) -> LinuxKernel.SocketAddress? {
        guard let provider = channel as? any SocketOptionProvider else { return nil }
        let option = TransparentListener.originalDestinationOption(family)
        var found: LinuxKernel.SocketAddress?
        // SAFETY: the kernel fills an address structure, and the storage holds any. On its own loop the call completes
        // at once.
        let answer: EventLoopFuture<sockaddr_storage> = provider.unsafeGetSocketOption(
            level: NIOBSDSocket.OptionLevel(rawValue: option.level), name: NIOBSDSocket.Option(rawValue: option.name))
        answer.assumeIsolated().whenSuccess { found = LinuxKernel.SocketAddress($0) }
        return found
    }

    private func refuse(
        _ channel: any Channel, _ destination: LinuxKernel.SocketAddress, _ loop: ProxyLoop
    ) -> FlowRefused {
        let denial = Denial(reason: .limitConnections, subject: destination.description)
        try? loop.settings.recorder.record(
            Decision(stage: .flow, agent: loop.settings.agent, denial: denial))
        return reset(channel)
    }

    private func reset(_ channel: any Channel) -> FlowRefused {
        channel.resetOnClose()
        return FlowRefused()
    }
}

/// The flow is closed before it starts; the decision is on record.
struct FlowRefused: Error {}

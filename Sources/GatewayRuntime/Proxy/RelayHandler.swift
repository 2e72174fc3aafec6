internal import NIOCore

/// One direction of a ``DirectRelay``.
final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let relay: DirectRelay
    private let peer: any Channel
    private var hasEnded = false

    init(relay: DirectRelay, peer: any Channel) {
        self.relay = relay
        self.peer = peer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        peer.writeAndFlush(Self.unwrapInboundIn(data), promise: nil)
        if !peer.isWritable { try? context.channel.syncOptions?.setOption(.autoRead, value: false) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // This side takes bytes again, or no more for now: the other is read accordingly.
        try? peer.syncOptions?.setOption(.autoRead, value: context.channel.isWritable)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event, !hasEnded {
            hasEnded = true
            peer.close(mode: .output, promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { relay.close() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { relay.close() }
}

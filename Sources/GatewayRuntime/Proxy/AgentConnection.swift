internal import GatewayCore
internal import LinuxKernel
internal import NIOCore
internal import Policy
internal import TLSInterception
internal import WireFormats

/// One redirected connection of an agent. Confined to its event loop.
///
///     identifying ──TLS──▶ judged ──▶ connecting upstream ──▶ serving (TLS)
///          │                 └─refused─────────────────────▶ refusing (TLS: one answer, told inside the session)
///          ├──HTTP──────────────────────────────────────────▶ serving (plain)
///          ├──TLS, name alone judged────────────────────────▶ a ``DirectRelay``'s
///          └──anything else──▶ reset
///
/// Its parts: `+Identity` (first bytes to an accepted name), `+Serving` (requests), `+Upstream`, `+Ends`.
///
/// It holds no rule: what arrives becomes an event of ``FlowGuard`` or ``HTTPExchange``, and their commands are carried
/// out in order, `record` first.
final class AgentConnection: ChannelInboundHandler, RemovableChannelHandler, Timed {
    typealias InboundIn = ByteBuffer

    enum Stage {
        case identifying
        /// The hello is in `first`; the upstream is being connected and verified.
        case connecting(HostName)
        /// What is served goes through `transport`.
        case serving(Transport)
        /// Output is flushed and half-closed; input is thrown away until the agent closes or the deadline.
        case lingering
        case closed
    }

    let loop: ProxyLoop
    let channel: any Channel
    var flow: FlowGuard
    var stage = Stage.identifying
    var exchange: HTTPExchange
    /// Bytes that came before they could be used: the first ones, then the next request's.
    var waiting: [UInt8] = []
    var upstream: UpstreamConnection?
    /// Request bytes for an upstream that is not connected yet.
    var unsent: [UInt8] = []
    var isUpstreamReady = false
    /// Why every request on this connection is refused: the chain broke before the first one.
    var refusal: (denial: Denial, detail: String?)?
    var isReading = true
    /// After a TLS 1.3 handshake only a ticket is left to send, which nobody waits for: it goes out with the first answer.
    var holdsTicket = false
    var deadline: Timestamp

    init(loop: ProxyLoop, channel: any Channel, destination: LinuxKernel.SocketAddress) {
        self.loop = loop
        self.channel = channel
        flow = FlowGuard(
            agent: loop.settings.agent, address: destination.address, port: destination.port,
            policy: loop.settings.policy)
        exchange = HTTPExchange(agent: loop.settings.agent)
        deadline = loop.now.advanced(bySeconds: Limits.firstBytesSeconds)
    }


    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = Self.unwrapInboundIn(data)
        let bytes = buffer.readableBytesUInt8Span
        switch stage {
        case .identifying:
            waiting.append(copying: bytes)
            identify()
        case .connecting:
            waiting.append(copying: bytes)
            // Data that is sent before the handshake is answered: not more than the limit, and not read meanwhile.
            if waiting.count > Limits.waitingBytes { reset() } else { setReading(false) }
        case .serving(.plain):
            received(bytes)
        case .serving(.tls(let session)):
            session.withCiphertext(bytes) { pump(session) }
        case .lingering, .closed:
            break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { inputEnded() }
    }

    func channelInactive(context: ChannelHandlerContext) { finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { reset() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        upstream?.setReading(context.channel.isWritable)
    }

    func deadlinePassed() {
        switch stage {
        case .identifying:
            let denial = Denial(reason: .flowNoFirstBytes, subject: flow.destination)
            if !waiting.isEmpty || loop.settings.policy.mode == .enforce {
                record(Decision(stage: .flow, agent: flow.agent, denial: denial))
            }
            reset()
        case .connecting, .serving, .lingering: finish()
        case .closed: break
        }
    }
}

internal import GatewayCore
internal import NIOCore
internal import Policy
internal import WireFormats

/// An agent's DNS connection over TCP (RFC 7766), to whatever address it was made. Confined to its event loop.
///
/// Queries go to the packets thread, as those in datagrams do, and answers go back in the order in which they are known.
/// Past a limit, and after a message that is none, the connection ends.
final class NameConnection: ChannelInboundHandler, Timed {
    typealias InboundIn = ByteBuffer

    private enum Stage {
        case serving
        /// The last answer is out, or all that is left to say is on its way; what comes in is thrown away.
        case lingering
        case closed
    }

    private let loop: ProxyLoop
    private let channel: any Channel
    private let destination: String
    private var stage = Stage.serving
    private var stream = DNSStream()
    private var queriesInFlight = 0
    /// The agent has sent all that it will; it may still wait for answers.
    private var isInputEnded = false
    private(set) var deadline: Timestamp

    /// - Parameter destination: where the agent meant to connect to, for the log.
    init(loop: ProxyLoop, channel: any Channel, destination: String) {
        self.loop = loop
        self.channel = channel
        self.destination = destination
        deadline = loop.now.advanced(bySeconds: Limits.idleNameConnectionSeconds)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .serving = stage else { return }
        let buffer = Self.unwrapInboundIn(data)
        stream.append(buffer.readableBytesUInt8Span)
        while case .serving = stage {
            switch stream.next() {
            case .needMore: return
            case .message(let message): ask(message)
            case .malformed(let identifier): refuse(identifier)
            }
        }
    }

    private func ask(_ message: [UInt8]) {
        guard queriesInFlight < Limits.nameQueriesInFlight else { return endPastLimit() }
        let connection = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let eventLoop = loop.eventLoop
        let query = NameMailbox.Query(message: message) { answer in
            eventLoop.execute { connection.value.answered(answer) }
        }
        guard loop.settings.names.post(query) else { return endPastLimit() }
        queriesInFlight += 1
        deadline = loop.now.advanced(bySeconds: Limits.idleNameConnectionSeconds)
    }

    private func answered(_ answer: NameMailbox.Answer) {
        queriesInFlight -= 1
        guard case .serving = stage else { return }
        switch answer {
        case .nothing:
            finish()
        case .message(let message, let isLast):
            send(message)
            deadline = loop.now.advanced(bySeconds: Limits.idleNameConnectionSeconds)
            if isLast || isInputEnded && queriesInFlight == 0 { linger() }
        }
    }

    /// Not cut to what a datagram holds.
    private func send(_ message: [UInt8]) {
        var buffer = channel.allocator.buffer(capacity: 2 + message.count)
        buffer.writeInteger(UInt16(truncatingIfNeeded: message.count))
        buffer.writeBytes(message)
        channel.writeAndFlush(buffer, promise: nil)
    }

    private func refuse(_ identifier: UInt16?) {
        record(Denial(reason: .dnsMalformed, subject: "a query over TCP to \(destination)"))
        guard let identifier else { return finish() }
        send(DNSResponse.formatErrorMessage(identifier: identifier))
        linger()
    }

    private func endPastLimit() {
        record(Denial(reason: .dnsTooManyQueries, subject: "queries over TCP to \(destination)"))
        channel.resetOnClose()
        finish()
    }

    private func record(_ denial: Denial) {
        // A refusal stays one where it cannot be recorded.
        try? loop.settings.recorder.record(Decision(stage: .dns, agent: loop.settings.agent, denial: denial))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return }
        isInputEnded = true
        switch stage {
        case .serving: if queriesInFlight == 0 { linger() }
        case .lingering: finish()
        case .closed: break
        }
    }

    /// An agent that does not take its answers is not heard either.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        try? channel.syncOptions?.setOption(.autoRead, value: channel.isWritable)
    }

    func channelInactive(context: ChannelHandlerContext) { finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { finish() }

    func deadlinePassed() { finish() }

    private func linger() {
        guard !isInputEnded else {
            // Both sides have said all: what is written goes out before the close.
            stage = .lingering
            deadline = loop.now.advanced(bySeconds: Limits.lingerSeconds)
            channel.close(mode: .output).assumeIsolated().whenComplete { [self] _ in finish() }
            return
        }
        stage = .lingering
        deadline = loop.now.advanced(bySeconds: Limits.lingerSeconds)
        channel.close(mode: .output, promise: nil)
    }

    private func finish() {
        if case .closed = stage { return }
        stage = .closed
        loop.unregisterNames(self)
        channel.close(promise: nil)
    }
}

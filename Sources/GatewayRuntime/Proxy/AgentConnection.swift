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
///          └──anything else──▶ reset
///
/// It holds no rule: what arrives becomes an event of ``FlowGuard`` or ``HTTPExchange``, and their commands are carried
/// out in order, `record` first.
final class AgentConnection: ChannelInboundHandler, Timed {
    typealias InboundIn = ByteBuffer

    private enum Stage {
        case identifying
        /// The hello is in `first`; the upstream is being connected and verified.
        case connecting(HostName)
        /// What is served goes through `transport`.
        case serving(Transport)
        /// Output is flushed and half-closed; input is thrown away until the agent closes or the deadline.
        case lingering
        case closed
    }

    private let loop: ProxyLoop
    private let channel: any Channel
    private var flow: FlowGuard
    private var stage = Stage.identifying
    private var exchange: HTTPExchange
    /// Bytes that came before they could be used: the first ones, then the next request's.
    private var waiting: [UInt8] = []
    private var upstream: UpstreamConnection?
    /// Request bytes for an upstream that is not connected yet.
    private var unsent: [UInt8] = []
    private var isUpstreamReady = false
    /// Why every request on this connection is refused: the chain broke before the first one.
    private var refusal: (denial: Denial, detail: String?)?
    private var isReading = true
    /// After a TLS 1.3 handshake only a ticket is left to send, which nobody waits for: it goes out with the first answer.
    private var holdsTicket = false
    private(set) var deadline: Timestamp

    init(loop: ProxyLoop, channel: any Channel, destination: LinuxKernel.SocketAddress) {
        self.loop = loop
        self.channel = channel
        flow = FlowGuard(
            agent: loop.settings.agent, address: destination.address, port: destination.port,
            policy: loop.settings.policy)
        exchange = HTTPExchange(agent: loop.settings.agent)
        deadline = loop.now.advanced(bySeconds: Limits.firstBytesSeconds)
    }

    // MARK: From the channel

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

    // MARK: First bytes

    private func identify() {
        switch FirstBytes.identify(waiting.span) {
        case .needMore:
            if waiting.count > Limits.waitingBytes { refuseUnread(.flowProtocolUnknown, detail: nil) }
        case .unknown:
            refuseUnread(.flowProtocolUnknown, detail: nil)
        case .malformedHello(let error):
            refuseUnread(.tlsMalformedHello, detail: error.description)
        case .http:
            stage = .serving(.plain)
            deadline = idleDeadline
            let bytes = waiting
            waiting = []
            received(bytes.span)
        case .tls(let hello):
            judge(hello)
        }
    }

    private func judge(_ hello: ClientHello) {
        switch flow.judge(hello, isPinned: isPinned) {
        case .accept(let host, let decision):
            if let decision, !record(decision) { return reset() }
            flow.serverName = host
            connectFirst(host)
        case .refuse(let host, let denial, let decision):
            record(decision)
            guard let host else { return alert() }
            refusal = (denial, decision.detail)
            flow.serverName = host
            accept(host)
        }
    }

    private func isPinned(_ name: HostName) -> Bool {
        let (agent, address, now) = (flow.agent, flow.address, loop.now)
        return loop.settings.pins.read { $0.contains(address, for: agent, at: now) { $0 == name } }
    }

    /// The upstream is connected and verified before the agent gets an answer.
    private func connectFirst(_ host: HostName) {
        if loop.pool.hasIdle(key(host)) { return accept(host) }
        stage = .connecting(host)
        deadline = .never
        open(host)
    }

    private func key(_ host: HostName) -> UpstreamPool.Key {
        UpstreamPool.Key(agent: flow.agent, host: host, port: flow.port, isTLS: flow.serverName != nil)
    }

    /// Answers the hello with a certificate for the name.
    private func accept(_ host: HostName) {
        do {
            let now = UnixTime.now
            let leaf = try loop.settings.signer.leaf(for: .name(host), at: now)
            let session = try loop.settings.serverContext.session(
                presenting: leaf, agent: flow.agent.description, at: now)
            stage = .serving(.tls(session))
            deadline = idleDeadline
            let hello = waiting
            waiting = []
            session.withCiphertext(hello.span) { pump(session) }
            setReading(true)
        } catch {
            let denial = Denial(reason: .tlsAgentHandshake, subject: host.text)
            record(Decision(stage: .tls, agent: flow.agent, denial: denial, detail: "\(error)"))
            reset()
        }
    }

    // MARK: Serving

    private var idleDeadline: Timestamp { loop.now.advanced(bySeconds: Limits.idleAgentSeconds) }

    /// Takes the session as far as its ciphertext goes, and no further than the exchange wants.
    private func pump(_ session: TLSSession) {
        if !session.isEstablished {
            switch session.handshake() {
            case .wantsIO:
                return Transport.flush(session, on: channel)
            case .failed(let failure):
                Transport.flush(session, on: channel)
                let denial = Denial(reason: .tlsAgentHandshake, subject: flow.serverName?.text ?? flow.destination)
                record(Decision(stage: .tls, agent: flow.agent, denial: denial, detail: "\(failure)"))
                return finish()
            case .complete(let parameters):
                holdsTicket = parameters.version >= 0x0304
                if !holdsTicket { Transport.flush(session, on: channel) }
            }
        }
        while case .serving = stage {
            guard waiting.isEmpty, exchange.wantsAgentBytes else {
                // The rest stays sealed in the session, and the kernel holds what follows it.
                if session.waitingInputByteCount > 0 || !waiting.isEmpty { setReading(false) }
                return
            }
            // SAFETY: the scratch memory is used by one read at a time; the span ends with the call.
            switch unsafe session.read(into: loop.scratch) {
            case .bytes(let count):
                let bytes = unsafe UnsafeBufferPointer(
                    start: loop.scratch.baseAddress?.assumingMemoryBound(to: UInt8.self), count: count)
                unsafe received(bytes.span)
            case .wantsMore:
                if !holdsTicket { Transport.flush(session, on: channel) }
                return
            case .closed:
                return inputEnded()
            case .failed:
                return finish()
            }
        }
    }

    /// Plaintext from the agent.
    private func received(_ bytes: Span<UInt8>) {
        guard waiting.isEmpty, exchange.wantsAgentBytes else {
            waiting.append(copying: bytes)
            if waiting.count >= Limits.waitingBytes { setReading(false) }
            return
        }
        var output = loop.takeOutput()
        let used = exchange.agentSent(bytes, judge: judge, output: &output)
        if used < bytes.count { waiting.append(copying: bytes.extracting(used..<bytes.count)) }
        carryOut(output)
        if let upstream, !upstream.isWritable { setReading(false) }
        if case .serving = stage { deadline = nextDeadline }
    }

    /// Whoever is to speak next has so long: an agent with a request begun a minute, an origin with an answer a quarter
    /// of an hour, since models think, and an agent with nothing begun as long as connections are kept.
    private var nextDeadline: Timestamp {
        if exchange.isIdle { return idleDeadline }
        let seconds = exchange.wantsAgentBytes ? Limits.requestStallSeconds : Limits.responseStallSeconds
        return loop.now.advanced(bySeconds: seconds)
    }

    private func judge(_ head: borrowing HTTP1RequestHead) -> HTTPRequestVerdict {
        if let refusal {
            return .refuse(
                refusal.denial,
                Decision(stage: .http, agent: flow.agent, denial: refusal.denial, detail: refusal.detail))
        }
        return flow.judge(head, isPinned: isPinned)
    }

    private func inputEnded() {
        switch stage {
        case .serving:
            var output = loop.takeOutput()
            exchange.agentClosed(output: &output)
            carryOut(output)
        case .identifying, .connecting, .lingering: finish()
        case .closed: break
        }
    }

    /// Records, then sends, then changes connections: in this order, so that nothing goes out that is not on record.
    private func carryOut(_ output: consuming HTTPOutput) {
        let output = output
        var isLast = false
        for command in output.commands {
            switch command {
            case .record(let decision): guard record(decision) else { return reset() }
            case .closeAgent: isLast = true
            case .openUpstream, .finishExchange, .dropUpstream, .abortAgent: break
            }
        }
        for command in output.commands {
            if case .openUpstream(let host) = command { openForRequest(host) }
        }
        if !output.toUpstream.isEmpty { sendUpstream(output.toUpstream.span) }
        // The last answer goes out with the session's goodbye.
        if !output.toAgent.isEmpty { sendAgent(output.toAgent.span, flushes: !isLast) }
        var isFinished = false
        for command in output.commands {
            switch command {
            case .record, .openUpstream: break
            case .finishExchange(let reusable):
                upstream?.release(reusable: reusable)
                upstream = nil
                isFinished = true
            case .dropUpstream:
                upstream?.close()
                upstream = nil
                unsent = []
            case .closeAgent: linger()
            case .abortAgent: reset()
            }
        }
        loop.giveBack(output)
        if isFinished { resume() }
    }

    /// The next request may be on hand already.
    private func resume() {
        guard case .serving(let transport) = stage else { return }
        deadline = idleDeadline
        if !waiting.isEmpty {
            let bytes = waiting
            waiting = []
            received(bytes.span)
        }
        if case .tls(let session) = transport, waiting.isEmpty, session.waitingInputByteCount > 0 { pump(session) }
        if waiting.isEmpty { setReading(true) }
    }

    private func sendAgent(_ bytes: Span<UInt8>, flushes: Bool) {
        guard case .serving(let transport) = stage else { return }
        holdsTicket = false
        guard transport.send(bytes, on: channel, memory: loop.sendMemory, flushes: flushes) else { return finish() }
        if !channel.isWritable { upstream?.setReading(false) }
    }

    // MARK: Upstream

    private func openForRequest(_ host: HostName) {
        guard upstream == nil else { return }
        if let idle = loop.pool.take(key(host)) {
            upstream = idle
            isUpstreamReady = true
            idle.lease(to: self)
        } else {
            open(host)
        }
    }

    private func open(_ host: HostName) {
        let (agent, now) = (flow.agent, loop.now)
        let others = loop.settings.pins.read { $0.addresses(of: host, for: agent, at: now) }
        let addresses = [flow.address] + others.filter { $0 != flow.address }.prefix(Limits.upstreamAddresses - 1)
        let connection = UpstreamConnection(key: key(host), addresses: addresses, loop: loop, owner: self)
        upstream = connection
        isUpstreamReady = false
        connection.connect()
    }

    private func sendUpstream(_ bytes: Span<UInt8>) {
        guard isUpstreamReady else {
            unsent.append(copying: bytes)
            if unsent.count >= Limits.waitingBytes { setReading(false) }
            return
        }
        upstream?.send(bytes)
    }

    // MARK: Ends

    @discardableResult
    private func record(_ decision: Decision) -> Bool {
        do {
            try loop.settings.recorder.record(decision)
            return true
        } catch {
            return false
        }
    }

    private func refuseUnread(_ reason: Reason, detail: String?) {
        let denial = Denial(reason: reason, subject: flow.destination)
        record(Decision(stage: .flow, agent: flow.agent, denial: denial, detail: detail))
        if reason == .tlsMalformedHello { alert() } else { reset() }
    }

    /// A fatal `unrecognized_name` alert (RFC 6066 section 3): all that can be said without a name to certify.
    private func alert() {
        var buffer = channel.allocator.buffer(capacity: 7)
        buffer.writeBytes([21, 3, 3, 0, 2, 2, 112])
        channel.writeAndFlush(buffer, promise: nil)
        linger()
    }

    private func linger() {
        switch stage {
        case .serving(.tls(let session)):
            session.shutdown()
            Transport.flush(session, on: channel)
        case .lingering: return finish()
        case .closed: return
        case .serving(.plain), .identifying, .connecting: break
        }
        channel.flush()
        stage = .lingering
        waiting = []
        deadline = loop.now.advanced(bySeconds: Limits.lingerSeconds)
        setReading(true)
        channel.close(mode: .output, promise: nil)
    }

    private func setReading(_ reading: Bool) {
        guard reading != isReading else { return }
        isReading = reading
        try? channel.syncOptions?.setOption(.autoRead, value: reading)
    }

    /// Ends the connection so that the agent sees a reset: nothing was served, or it cannot go on.
    private func reset() {
        if case .closed = stage { return }
        channel.resetOnClose()
        finish()
    }

    private func finish() {
        if case .closed = stage { return }
        stage = .closed
        upstream?.close()
        upstream = nil
        loop.unregister(self, isFlow: true)
        channel.close(promise: nil)
    }
}

extension AgentConnection: UpstreamOwner {
    func upstreamReady(_ upstream: UpstreamConnection) {
        isUpstreamReady = true
        switch stage {
        case .connecting(let host):
            accept(host)
        case .serving:
            let bytes = unsent
            unsent = []
            upstream.send(bytes.span)
            if exchange.wantsAgentBytes { setReading(true) }
        case .identifying, .lingering, .closed:
            upstream.close()
        }
    }

    func upstreamFailed(_ failed: UpstreamConnection, reason: Reason, detail: String) {
        upstream = nil
        unsent = []
        switch stage {
        case .connecting(let host):
            refusal = (Denial(reason: reason, subject: host.text), detail)
            accept(host)
        case .serving:
            var output = loop.takeOutput()
            exchange.upstreamFailed(reason, detail: detail, output: &output)
            carryOut(output)
        case .identifying, .lingering, .closed: break
        }
    }

    func upstreamSent(_ bytes: Span<UInt8>) {
        var output = loop.takeOutput()
        exchange.upstreamSent(bytes, output: &output)
        carryOut(output)
        if case .serving = stage { deadline = nextDeadline }
    }

    func upstreamClosed(cleanly: Bool) {
        let wasReused = upstream?.wasReused ?? false
        upstream = nil
        guard case .serving = stage else { return }
        var output = loop.takeOutput()
        let replay = exchange.upstreamClosed(wasReused: wasReused, cleanly: cleanly, output: &output)
        if let replay, let host = flow.serverName ?? exchange.host {
            loop.giveBack(output)
            unsent = replay
            open(host)
        } else {
            carryOut(output)
        }
    }

    func upstreamWritabilityChanged(isWritable: Bool) {
        if isWritable, waiting.isEmpty, exchange.wantsAgentBytes { setReading(true) }
    }
}

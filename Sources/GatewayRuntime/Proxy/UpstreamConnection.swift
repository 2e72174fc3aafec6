internal import GatewayCore
internal import LinuxKernel
internal import NIOCore
internal import NIOPosix
internal import Policy
internal import TLSInterception
internal import WireFormats

/// A connection to an origin, verified before the first byte of a request goes out. Confined to its event loop.
///
///     connecting ──▶ handshaking ──▶ leased ⇄ idle
///          └──────────────┴────────────┴───────┴──▶ closed
final class UpstreamConnection: ChannelInboundHandler, Timed {
    typealias InboundIn = ByteBuffer

    private enum Stage {
        case connecting
        case handshaking(TLSSession)
        case leased(Transport)
        case idle(Transport)
        case closed
    }

    let key: UpstreamPool.Key
    private let loop: ProxyLoop
    private var stage = Stage.connecting
    private var channel: (any Channel)?
    private weak var owner: (any UpstreamOwner)?
    /// Addresses still to be tried, the one the agent dialled first.
    private var addresses: [IPAddress]
    private(set) var wasReused = false
    private var isReading = true
    private(set) var deadline: Timestamp

    init(key: UpstreamPool.Key, addresses: [IPAddress], loop: ProxyLoop, owner: any UpstreamOwner) {
        self.key = key
        self.addresses = addresses
        self.loop = loop
        self.owner = owner
        deadline = loop.now.advanced(bySeconds: Limits.upstreamReadySeconds)
        _ = loop.register(self, isFlow: false)
    }

    // MARK: Connecting

    func connect() { connectNext(lastFailure: "no address is pinned to the name") }

    private func connectNext(lastFailure: String) {
        guard case .connecting = stage else { return }
        guard !addresses.isEmpty else { return fail(.upstreamUnreachable, lastFailure) }
        let address = addresses.removeFirst()
        let target: NIOCore.SocketAddress
        do {
            target = try NIOCore.SocketAddress(
                packedIPAddress: ByteBuffer(bytes: address.bytes), port: Int(key.port))
        } catch {
            return connectNext(lastFailure: "\(error)")
        }
        let handler = self
        ClientBootstrap(group: loop.eventLoop)
            .connectTimeout(.seconds(Int64(Limits.upstreamConnectSeconds)))
            .channelOption(.servedMark, value: SocketOptionValue(loop.settings.seal.servedMark))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(to: target)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel): handler.connected(channel)
                case .failure(let error): handler.connectNext(lastFailure: Self.describe(error, address))
                }
            }
    }

    static func describe(_ error: any Error, _ address: IPAddress) -> String {
        if let error = error as? IOError {
            // The number alone: the library's own text names its source lines.
            return "\(SystemCallError("connect to \(address)", number: error.errnoCode))"
        }
        return "connect to \(address): timed out"
    }

    private func connected(_ channel: any Channel) {
        guard case .connecting = stage else {
            channel.close(promise: nil)
            return
        }
        self.channel = channel
        do {
            try channel.pipeline.syncOperations.addHandler(self)
        } catch {
            return fail(.upstreamUnreachable, "the connection ended at once")
        }
        guard key.isTLS else { return ready(.plain) }
        do {
            let session = try loop.settings.clientContext.session(
                to: .name(key.host), port: key.port, agent: key.agent.description, policyGeneration: 0, at: .now)
            stage = .handshaking(session)
            handshake(session)
        } catch {
            fail(.upstreamUnreachable, "cannot start TLS: \(error)")
        }
    }

    private func handshake(_ session: TLSSession) {
        let progress = session.handshake()
        if let channel { Transport.flush(session, on: channel) }
        switch progress {
        case .wantsIO: break
        case .complete: ready(.tls(session))
        case .failed(let failure): fail(failure.reason, "\(failure)")
        }
    }

    private func ready(_ transport: Transport) {
        stage = .leased(transport)
        deadline = .never
        owner?.upstreamReady(self)
    }

    private func fail(_ reason: Reason, _ detail: String) {
        let owner = owner
        close()
        owner?.upstreamFailed(self, reason: reason, detail: detail)
    }

    // MARK: In use

    func lease(to owner: any UpstreamOwner) {
        guard case .idle(let transport) = stage else { return }
        stage = .leased(transport)
        wasReused = true
        deadline = .never
        self.owner = owner
    }

    /// The exchange is over: waits for the next one, or ends.
    func release(reusable: Bool) {
        guard case .leased(let transport) = stage, reusable, channel?.isActive == true else { return close() }
        owner = nil
        stage = .idle(transport)
        deadline = loop.now.advanced(bySeconds: Limits.idleUpstreamSeconds)
        setReading(true)
        if !loop.pool.keep(self) { close() }
    }

    func send(_ plaintext: Span<UInt8>) {
        guard case .leased(let transport) = stage, let channel else { return }
        if !transport.send(plaintext, on: channel, memory: loop.sendMemory) { end(cleanly: false) }
    }

    var isWritable: Bool { channel?.isWritable ?? true }

    /// Stops and resumes reading, so that what one side cannot take is not read from the other.
    func setReading(_ reading: Bool) {
        guard reading != isReading, channel != nil else { return }
        isReading = reading
        try? channel?.syncOptions?.setOption(.autoRead, value: reading)
    }

    /// Ends the connection without telling the owner.
    func close() {
        if case .closed = stage { return }
        if case .idle = stage { loop.pool.remove(self) }
        if case .leased(.tls(let session)) = stage, let channel {
            session.shutdown()
            Transport.flush(session, on: channel)
        }
        stage = .closed
        owner = nil
        loop.unregister(self, isFlow: false)
        channel?.close(promise: nil)
    }

    private func end(cleanly: Bool) {
        let owner = owner
        close()
        owner?.upstreamClosed(cleanly: cleanly)
    }

    // MARK: From the channel

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = Self.unwrapInboundIn(data)
        switch stage {
        case .connecting, .closed:
            break
        case .idle:
            // Nothing was asked: a goodbye or a tampered peer. Either way of no more use.
            close()
        case .handshaking(let session):
            session.withCiphertext(buffer.readableBytesUInt8Span) {
                handshake(session)
                if case .leased = stage { read(session) }
            }
        case .leased(.plain):
            owner?.upstreamSent(buffer.readableBytesUInt8Span)
        case .leased(.tls(let session)):
            session.withCiphertext(buffer.readableBytesUInt8Span) { read(session) }
        }
    }

    private func read(_ session: TLSSession) {
        while true {
            switch stage {
            case .leased, .idle: break
            default: return
            }
            // SAFETY: the scratch memory is used by one read at a time; the span ends with the call.
            switch unsafe session.read(into: loop.scratch) {
            case .bytes(let count):
                guard case .leased = stage else { return close() }
                let bytes = unsafe UnsafeBufferPointer(
                    start: loop.scratch.baseAddress?.assumingMemoryBound(to: UInt8.self), count: count)
                unsafe owner?.upstreamSent(bytes.span)
            case .wantsMore:
                // Tickets and key updates leave something to send.
                if let channel { Transport.flush(session, on: channel) }
                return
            case .closed: return end(cleanly: true)
            case .failed: return end(cleanly: false)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch stage {
        case .closed: break
        case .idle: close()
        case .connecting: fail(.upstreamUnreachable, "the connection ended at once")
        case .handshaking: fail(.upstreamUnreachable, "the upstream ended the connection during the TLS handshake")
        case .leased(.plain): end(cleanly: true)
        case .leased(.tls): end(cleanly: false)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch stage {
        case .handshaking, .connecting: fail(.upstreamUnreachable, "the connection broke")
        default: end(cleanly: false)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        owner?.upstreamWritabilityChanged(isWritable: context.channel.isWritable)
    }

    func deadlinePassed() {
        switch stage {
        case .idle: close()
        case .connecting, .handshaking: fail(.upstreamTimeout, "no connection within \(Limits.upstreamReadySeconds) s")
        case .leased, .closed: break
        }
    }
}

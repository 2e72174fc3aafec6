internal import GatewayCore
internal import LinuxKernel
internal import NIOCore
internal import Policy
internal import TLSInterception
internal import WireFormats

/// From the first bytes to a name that is accepted or refused.
extension AgentConnection {
    func identify() {
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

    func judge(_ hello: ClientHello) {
        switch flow.judge(hello, isPinned: isPinned) {
        case .accept(let host, let decision):
            if let decision, !record(decision) { return reset() }
            flow.serverName = host
            connectFirst(host)
        case .relay(_, let decision):
            guard record(decision) else { return reset() }
            relay()
        case .refuse(let host, let denial, let decision):
            record(decision)
            guard let host else { return alert() }
            refusal = (denial, decision.detail)
            flow.serverName = host
            accept(host)
        }
    }

    /// Hands the connection over, unread: the name was all there was to judge.
    func relay() {
        stage = .closed
        loop.unregister(self, isFlow: true)
        let relay = DirectRelay(loop: loop, agent: channel, firstBytes: waiting)
        waiting = []
        let (channel, address, port) = (channel, flow.address, flow.port)
        guard loop.register(relay, isFlow: true),
            (try? channel.syncOptions?.setOption(.autoRead, value: false)) != nil
        else {
            channel.resetOnClose()
            return channel.close(promise: nil)
        }
        channel.pipeline.syncOperations.removeHandler(self).assumeIsolated().whenComplete { _ in
            relay.connect(to: LinuxKernel.SocketAddress(address, port: port))
        }
    }

    func isPinned(_ name: HostName) -> Bool {
        let (agent, address, now) = (flow.agent, flow.address, loop.now)
        return loop.settings.pins.read { $0.contains(address, for: agent, at: now) { $0 == name } }
    }

    /// The upstream is connected and verified before the agent gets an answer.
    func connectFirst(_ host: HostName) {
        if loop.pool.hasIdle(key(host)) { return accept(host) }
        stage = .connecting(host)
        deadline = .never
        open(host)
    }

    func key(_ host: HostName) -> UpstreamPool.Key {
        UpstreamPool.Key(agent: flow.agent, host: host, port: flow.port, isTLS: flow.serverName != nil)
    }

    /// Answers the hello with a certificate for the name.
    func accept(_ host: HostName) {
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
}

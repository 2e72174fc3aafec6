internal import GatewayCore
internal import Policy
internal import WireFormats

/// The origin's side.
extension AgentConnection {
    func openForRequest(_ host: HostName) {
        guard upstream == nil else { return }
        if let idle = loop.pool.take(key(host)) {
            upstream = idle
            isUpstreamReady = true
            idle.lease(to: self)
        } else {
            open(host)
        }
    }

    func open(_ host: HostName) {
        let (agent, now) = (flow.agent, loop.now)
        let others = loop.settings.pins.read { $0.addresses(of: host, for: agent, at: now) }
        let addresses = [flow.address] + others.filter { $0 != flow.address }.prefix(Limits.upstreamAddresses - 1)
        let connection = UpstreamConnection(key: key(host), addresses: addresses, loop: loop, owner: self)
        upstream = connection
        isUpstreamReady = false
        connection.connect()
    }

    func sendUpstream(_ bytes: Span<UInt8>) {
        guard isUpstreamReady else {
            unsent.append(copying: bytes)
            if unsent.count >= Limits.waitingBytes { setReading(false) }
            return
        }
        upstream?.send(bytes)
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

internal import GatewayCore
internal import NIOCore
internal import Policy
internal import TLSInterception

/// Ways to end a connection.
extension AgentConnection {
    @discardableResult
    func record(_ decision: Decision) -> Bool {
        do {
            try loop.settings.recorder.record(decision)
            return true
        } catch {
            return false
        }
    }

    func refuseUnread(_ reason: Reason, detail: String?) {
        let denial = Denial(reason: reason, subject: flow.destination)
        record(Decision(stage: .flow, agent: flow.agent, denial: denial, detail: detail))
        if reason == .tlsMalformedHello { alert() } else { reset() }
    }

    /// A fatal `unrecognized_name` alert (RFC 6066 section 3): all that can be said without a name to certify.
    func alert() {
        var buffer = channel.allocator.buffer(capacity: 7)
        buffer.writeBytes([21, 3, 3, 0, 2, 2, 112])
        channel.writeAndFlush(buffer, promise: nil)
        linger()
    }

    func linger() {
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

    func setReading(_ reading: Bool) {
        guard reading != isReading else { return }
        isReading = reading
        try? channel.syncOptions?.setOption(.autoRead, value: reading)
    }

    /// Ends the connection so that the agent sees a reset: nothing was served, or it cannot go on.
    func reset() {
        if case .closed = stage { return }
        channel.resetOnClose()
        finish()
    }

    func finish() {
        if case .closed = stage { return }
        stage = .closed
        upstream?.close()
        upstream = nil
        loop.unregister(self, isFlow: true)
        channel.close(promise: nil)
    }
}

internal import GatewayCore
internal import NIOCore
internal import Policy
internal import TLSInterception
internal import WireFormats

/// Requests: plaintext to the exchange, and what it wants carried out.
extension AgentConnection {
    var idleDeadline: Timestamp { loop.now.advanced(bySeconds: Limits.idleAgentSeconds) }

    /// Takes the session as far as its ciphertext goes, and no further than the exchange wants.
    func pump(_ session: TLSSession) {
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
    func received(_ bytes: Span<UInt8>) {
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
    var nextDeadline: Timestamp {
        if exchange.isIdle { return idleDeadline }
        let seconds = exchange.wantsAgentBytes ? Limits.requestStallSeconds : Limits.responseStallSeconds
        return loop.now.advanced(bySeconds: seconds)
    }

    func judge(_ head: borrowing HTTP1RequestHead) -> HTTPRequestVerdict {
        if let refusal {
            return .refuse(
                refusal.denial,
                Decision(stage: .http, agent: flow.agent, denial: refusal.denial, detail: refusal.detail))
        }
        let verdict = flow.judge(head, isPinned: isPinned)
        if flow.serverName == nil, case .forward(let host, _) = verdict { flow.provenName = host }
        return verdict
    }

    func inputEnded() {
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
    func carryOut(_ output: consuming HTTPOutput) {
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
    func resume() {
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

    func sendAgent(_ bytes: Span<UInt8>, flushes: Bool) {
        guard case .serving(let transport) = stage else { return }
        holdsTicket = false
        guard transport.send(bytes, on: channel, memory: loop.sendMemory, flushes: flushes) else { return finish() }
        if !channel.isWritable { upstream?.setReading(false) }
    }
}

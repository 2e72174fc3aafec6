package import Policy
package import WireFormats

/// HTTP/1.1 between one agent connection and its upstream connections: one request at a time, streamed both ways.
///
///     idle ──head──▶ judged ──▶ forwarding: request body ▶ upstream │ response head, body ▶ agent ──▶ idle
///       │              └──────▶ refused: answered here ──▶ idle, or draining ──▶ closed
///       └──violation──▶ 400, draining ──▶ closed
///
/// Every message is parsed by RFC 9112's strictest reading and written anew, so that the origin reads what was judged.
/// A pipelined request waits until the response before it is complete. Pure: bytes in, bytes and commands out.
package struct HTTPExchange: ~Copyable {
    private enum State {
        case idle
        case forwarding
        /// Answered with `Connection: close`; what still comes is thrown away, so that the answer is not lost to a reset.
        case draining(received: Int)
        case closed
    }

    /// The exchange in progress.
    private struct Current {
        var requestBody: HTTP1BodyForwarder
        var responseBody: HTTP1BodyForwarder?
        var host: HostName
        var method: String
        var agentSpeaksHTTP11: Bool
        var keepAlive: Bool
        var upstreamKeepAlive = false
        var responseStarted = false
        /// The request as written, while it may be sent again on a fresh connection: it has no body and no byte of a
        /// response has come.
        var replay: [UInt8]?
    }

    private let agent: AgentID
    private var state = State.idle
    private var current: Current?
    /// An incomplete head, from the agent or from upstream.
    private var agentHead: [UInt8] = []
    private var upstreamHead: [UInt8] = []

    package init(agent: AgentID) {
        self.agent = agent
    }

    /// True between requests: the connection may be closed without harm.
    package var isIdle: Bool {
        if case .idle = state { return agentHead.isEmpty }
        return false
    }

    /// True while bytes from the agent are of use; otherwise they wait.
    package var wantsAgentBytes: Bool {
        switch state {
        case .idle, .draining: true
        case .forwarding: current.map { !$0.requestBody.isFinished } ?? false
        case .closed: false
        }
    }

    // MARK: From the agent

    /// Takes plaintext from the agent.
    ///
    /// - Parameter judge: the identity chain and the policy, asked once per request.
    /// - Returns: how many bytes were used; the rest belongs to the next request and is given again when the exchange
    ///   has finished.
    package mutating func agentSent(
        _ bytes: Span<UInt8>, judge: (borrowing HTTP1RequestHead) -> HTTPRequestVerdict, output: inout HTTPOutput
    ) -> Int {
        var used = 0
        while used < bytes.count {
            let rest = bytes.extracting(used..<bytes.count)
            switch state {
            case .idle:
                used += head(rest, judge: judge, output: &output)
            case .forwarding:
                guard current?.requestBody.isFinished == false else { return used }
                used += requestBody(rest, output: &output)
            case .draining(let received):
                used = bytes.count
                guard received + rest.count <= Limits.drainedBytes else {
                    state = .closed
                    output.commands.append(.closeAgent)
                    return used
                }
                state = .draining(received: received + rest.count)
            case .closed:
                return bytes.count
            }
        }
        return used
    }

    private mutating func head(
        _ bytes: Span<UInt8>, judge: (borrowing HTTP1RequestHead) -> HTTPRequestVerdict, output: inout HTTPOutput
    ) -> Int {
        let before = agentHead.count
        do {
            let result: HTTP1RequestHead.ParseResult
            if before == 0 {
                result = try HTTP1RequestHead.parse(bytes)
            } else {
                agentHead.append(copying: bytes)
                result = try HTTP1RequestHead.parse(agentHead.span, scanFrom: before)
            }
            switch result {
            case .needMore:
                if before == 0 { agentHead.append(copying: bytes) }
                return bytes.count
            case .head(let head, let consumed):
                agentHead.removeAll()
                start(head, judge: judge, output: &output)
                return consumed - before
            }
        } catch {
            agentHead.removeAll()
            let denial = Denial(reason: error.reason, subject: "an HTTP request")
            refuse(denial, detail: "\(error)", status: error.status, keepAlive: false, headOnly: false, output: &output)
            output.commands.append(
                .record(Decision(stage: .http, agent: agent, denial: denial, detail: "\(error)")))
            return bytes.count
        }
    }

    private mutating func start(
        _ head: borrowing HTTP1RequestHead, judge: (borrowing HTTP1RequestHead) -> HTTPRequestVerdict,
        output: inout HTTPOutput
    ) {
        switch judge(head) {
        case .refuse(let denial, let decision):
            output.commands.append(.record(decision))
            // Without a body the connection can go on; with one, it would have to be read to its end first.
            let keepAlive = head.keepAlive && head.framing == .none
            refuse(
                denial, detail: decision.detail, status: nil, keepAlive: keepAlive, headOnly: head.method == "HEAD",
                output: &output)
        case .forward(let host, let decision):
            output.commands.append(.record(decision))
            output.commands.append(.openUpstream(host))
            let start = output.toUpstream.count
            head.append(to: &output.toUpstream)
            let body = HTTP1BodyForwarder(head.framing, rewrapping: head.framing == .chunked)
            current = Current(
                requestBody: body, host: host, method: head.method, agentSpeaksHTTP11: head.version == .http11,
                keepAlive: head.keepAlive)
            if body.isFinished { current?.replay = Array(output.toUpstream[start...]) }
            state = .forwarding
        }
    }

    private mutating func requestBody(_ bytes: Span<UInt8>, output: inout HTTPOutput) -> Int {
        do {
            return try current?.requestBody.forward(bytes, to: &output.toUpstream) ?? bytes.count
        } catch {
            let denial = Denial(reason: error.reason, subject: current?.host.text ?? "an HTTP request")
            output.commands.append(.record(Decision(stage: .http, agent: agent, denial: denial, detail: "\(error)")))
            abandon(denial, detail: "\(error)", status: error.status, output: &output)
            return bytes.count
        }
    }

    /// The agent will send no more.
    package mutating func agentClosed(output: inout HTTPOutput) {
        if case .forwarding = state {
            // Half-closed with the request complete: the answer is still wanted.
            if current?.requestBody.isFinished == true {
                current?.keepAlive = false
                return
            }
            output.commands.append(.dropUpstream)
        }
        current = nil
        state = .closed
        output.commands.append(.closeAgent)
    }

    // MARK: From upstream

    /// Takes plaintext from the upstream connection of the exchange in progress.
    package mutating func upstreamSent(_ bytes: Span<UInt8>, output: inout HTTPOutput) {
        guard current != nil else {
            // An answer nobody asked for: whatever follows on that connection cannot be trusted to be in step.
            output.commands.append(.dropUpstream)
            return
        }
        current?.replay = nil
        var used = 0
        while used < bytes.count, current != nil {
            let rest = bytes.extracting(used..<bytes.count)
            do {
                if current?.responseBody == nil {
                    used += try responseHead(rest, output: &output)
                } else {
                    used += try current?.responseBody?.forward(rest, to: &output.toAgent) ?? rest.count
                    finishIfDone(unread: bytes.count - used, output: &output)
                }
            } catch let error as HTTP1Violation {
                upstreamFailed(.httpUpstreamMalformed, detail: "\(error)", output: &output)
                return
            } catch {
                return
            }
        }
    }

    private mutating func responseHead(_ bytes: Span<UInt8>, output: inout HTTPOutput) throws(HTTP1Violation) -> Int {
        guard let exchange = current else { return bytes.count }
        let before = upstreamHead.count
        let result: HTTP1ResponseHead.ParseResult
        if before == 0 {
            result = try HTTP1ResponseHead.parse(bytes, requestMethod: exchange.method)
        } else {
            upstreamHead.append(copying: bytes)
            result = try HTTP1ResponseHead.parse(
                upstreamHead.span, requestMethod: exchange.method, scanFrom: before)
        }
        switch result {
        case .needMore:
            if before == 0 { upstreamHead.append(copying: bytes) }
            return bytes.count
        case .head(let head, let consumed):
            upstreamHead.removeAll()
            try begin(head, exchange.agentSpeaksHTTP11, output: &output)
            finishIfDone(unread: bytes.count - (consumed - before), output: &output)
            return consumed - before
        }
    }

    private mutating func begin(
        _ head: borrowing HTTP1ResponseHead, _ agentSpeaksHTTP11: Bool, output: inout HTTPOutput
    ) throws(HTTP1Violation) {
        if head.isInterim {
            // 100 and 103 go on to agents that know them; 101 was never asked for.
            guard head.status != 101 else { throw .unexpectedUpgrade }
            if agentSpeaksHTTP11 { head.append(to: &output.toAgent, framing: head.framing, close: false) }
            return
        }
        // A body that ends with the connection is given an end of its own, where the agent can read one.
        let rewraps = agentSpeaksHTTP11 && (head.framing == .chunked || head.framing == .untilClose)
        if !agentSpeaksHTTP11, head.framing == .chunked || head.framing == .untilClose { current?.keepAlive = false }
        // An answer that overtakes its request leaves the connections out of step.
        if current?.requestBody.isFinished == false { current?.keepAlive = false }
        current?.upstreamKeepAlive = head.keepAlive && head.framing != .untilClose
        head.append(
            to: &output.toAgent, framing: rewraps ? .chunked : head.framing, close: current?.keepAlive == false)
        current?.responseStarted = true
        current?.responseBody = HTTP1BodyForwarder(head.framing, rewrapping: rewraps)
    }

    /// - Parameter unread: bytes that came after the response's end: an answer to nothing.
    private mutating func finishIfDone(unread: Int, output: inout HTTPOutput) {
        guard let exchange = current, exchange.responseBody?.isFinished == true else { return }
        let inStep = exchange.requestBody.isFinished && unread == 0
        current = nil
        output.commands.append(.finishExchange(reusable: inStep && exchange.upstreamKeepAlive))
        if exchange.keepAlive && exchange.requestBody.isFinished {
            state = .idle
        } else {
            state = .draining(received: 0)
            output.commands.append(.closeAgent)
        }
    }

    /// The upstream connection ended.
    ///
    /// - Returns: the request to send again on a fresh connection, when that is safe (RFC 9112 section 9.3.1).
    package mutating func upstreamClosed(wasReused: Bool, output: inout HTTPOutput) -> [UInt8]? {
        guard var exchange = current else { return nil }
        if exchange.responseBody?.endsWithConnection == true {
            exchange.responseBody?.finishAtClose(to: &output.toAgent)
            current = exchange
            finishIfDone(unread: 0, output: &output)
            return nil
        }
        if wasReused, let replay = exchange.replay {
            current?.replay = nil
            return replay
        }
        upstreamFailed(.upstreamClosed, detail: nil, output: &output)
        return nil
    }

    /// No upstream connection could be had, or it broke.
    package mutating func upstreamFailed(_ reason: Reason, detail: String?, output: inout HTTPOutput) {
        let denial = Denial(reason: reason, subject: current?.host.text ?? "")
        output.commands.append(.record(Decision(stage: .http, agent: agent, denial: denial, detail: detail)))
        abandon(denial, detail: detail, status: nil, output: &output)
    }

    /// Answers the exchange in progress with a refusal if its response has not begun; ends both connections.
    private mutating func abandon(_ denial: Denial, detail: String?, status: Int?, output: inout HTTPOutput) {
        let headOnly = current?.method == "HEAD"
        let started = current?.responseStarted == true
        current = nil
        upstreamHead.removeAll()
        output.commands.append(.dropUpstream)
        if started {
            // Half an answer cannot be taken back: the agent sees it end too early.
            state = .closed
            output.commands.append(.closeAgent)
        } else {
            refuse(denial, detail: detail, status: status, keepAlive: false, headOnly: headOnly, output: &output)
        }
    }

    private mutating func refuse(
        _ denial: Denial, detail: String?, status: Int?, keepAlive: Bool, headOnly: Bool, output: inout HTTPOutput
    ) {
        DenialResponse.append(
            denial, detail: detail, status: status, keepAlive: keepAlive, headOnly: headOnly, to: &output.toAgent)
        if keepAlive {
            state = .idle
        } else {
            state = .draining(received: 0)
            output.commands.append(.closeAgent)
        }
    }
}

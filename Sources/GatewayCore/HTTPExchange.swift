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

    /// What is remembered of the request in progress.
    private struct Request {
        var host: HostName
        var isHEAD: Bool
        var version: HTTP1Version
        var keepAlive: Bool
        /// The origin was asked to close, so it may not be held to serve another.
        var isLastUpstream: Bool
        /// Interim responses so far.
        var interims = 0
    }

    /// What is remembered of its response.
    private enum Response {
        case awaited
        case streaming(upstreamKeepAlive: Bool)
    }

    private let agent: AgentID
    private var state = State.idle
    private var request: Request?
    private var response = Response.awaited
    private var requestBody = HTTP1BodyForwarder(.none, rewrapping: false)
    private var responseBody = HTTP1BodyForwarder(.none, rewrapping: false)
    /// The request as written, while it may be sent again on a fresh connection: it is idempotent, has no body, and no
    /// byte of a response has come.
    private var replay: [UInt8]?
    /// The head of a request whose body has not begun: an origin never sees a request that stops after its head, or whose
    /// first chunk is broken. An agent that waits for `100 Continue` is the exception.
    private var heldHead: [UInt8] = []
    /// An incomplete head, and where to go on reading it.
    private var agentHead: [UInt8] = []
    private var agentHeadScanned = 0
    private var upstreamHead: [UInt8] = []
    private var upstreamHeadScanned = 0

    package init(agent: AgentID) {
        self.agent = agent
    }

    /// The host of the request in progress.
    package var host: HostName? { request?.host }

    /// True between requests: the connection may be closed without harm.
    package var isIdle: Bool {
        if case .idle = state { return agentHead.isEmpty }
        return false
    }

    /// True while bytes from the agent are of use; otherwise they wait.
    package var wantsAgentBytes: Bool {
        switch state {
        case .idle, .draining: true
        case .forwarding: !requestBody.isFinished
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
        _ bytes: Span<UInt8>, judge: (HTTP1RequestHead) -> HTTPRequestVerdict, output: inout HTTPOutput
    ) -> Int {
        var used = 0
        while used < bytes.count {
            let rest = bytes.extracting(used..<bytes.count)
            switch state {
            case .idle:
                used += head(rest, judge: judge, output: &output)
            case .forwarding:
                guard !requestBody.isFinished else { return used }
                used += body(rest, output: &output)
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
        _ bytes: Span<UInt8>, judge: (HTTP1RequestHead) -> HTTPRequestVerdict, output: inout HTTPOutput
    ) -> Int {
        let before = agentHead.count
        do {
            let result: HTTP1ParseResult<HTTP1RequestHead>
            if before == 0 {
                result = try HTTP1RequestHead.parse(bytes)
            } else {
                agentHead.append(copying: bytes)
                result = try HTTP1RequestHead.parse(agentHead.span, scanFrom: agentHeadScanned)
            }
            switch result {
            case .needMore(let scanFrom):
                if before == 0 { agentHead.append(copying: bytes) }
                agentHeadScanned = scanFrom
                return bytes.count
            case .head(let head, let consumed):
                agentHead = []
                start(head, judge: judge, output: &output)
                return consumed - before
            }
        } catch {
            agentHead = []
            reject(error, subject: "an HTTP request", output: &output)
            return bytes.count
        }
    }

    private mutating func start(
        _ head: HTTP1RequestHead, judge: (HTTP1RequestHead) -> HTTPRequestVerdict, output: inout HTTPOutput
    ) {
        switch judge(head) {
        case .refuse(let denial, let decision):
            output.commands.append(.record(decision))
            // Without a body the connection can go on; with one, it would have to be read to its end first. HTTP/1.0 would
            // have to be promised that it goes on.
            let goesOn = head.keepAlive && head.framing == .none && head.version == .http11
            refuse(
                denial, detail: decision.detail, keepAlive: goesOn, headOnly: head.isHEAD, output: &output)
        case .forward(let host, let decision):
            output.commands.append(.record(decision))
            output.commands.append(.openUpstream(host))
            let start = output.toUpstream.count
            head.append(to: &output.toUpstream)
            request = Request(
                host: host, isHEAD: head.isHEAD, version: head.version, keepAlive: head.keepAlive,
                isLastUpstream: head.hasUnusualContent)
            response = .awaited
            requestBody = HTTP1BodyForwarder(head.framing, rewrapping: head.framing == .chunked)
            replay = requestBody.isFinished && Self.isIdempotent(head) ? Array(output.toUpstream[start...]) : nil
            if !requestBody.isFinished, !head.expectsContinue {
                heldHead = Array(output.toUpstream[start...])
                output.toUpstream.removeSubrange(start...)
            }
            state = .forwarding
        }
    }

    /// RFC 9110 section 9.2.2. Whether a POST was carried out before the connection ended nobody can tell.
    private static func isIdempotent(_ head: HTTP1RequestHead) -> Bool {
        let method = head.bytes.span.extracting(head.method)
        for name in idempotentMethods where method.isEqual(to: name) { return true }
        return false
    }

    private static let idempotentMethods = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].map { Array($0.utf8) }

    private mutating func body(_ bytes: Span<UInt8>, output: inout HTTPOutput) -> Int {
        do {
            guard !heldHead.isEmpty else { return try requestBody.forward(bytes, to: &output.toUpstream) }
            var begun: [UInt8] = []
            let used = try requestBody.forward(bytes, to: &begun)
            if !begun.isEmpty {
                output.toUpstream += heldHead
                output.toUpstream += begun
                heldHead = []
            }
            return used
        } catch {
            heldHead = []
            // What was decoded before the violation must not reach the origin as if it were whole.
            output.toUpstream.removeAll(keepingCapacity: true)
            output.commands.append(.dropUpstream)
            reject(error, subject: request?.host.text ?? "an HTTP request", output: &output)
            return bytes.count
        }
    }

    /// A message that two parsers could read differently: refused, and the connection with it.
    private mutating func reject(_ violation: HTTP1Violation, subject: String, output: inout HTTPOutput) {
        let isTooLarge = violation.httpStatus == 431 || violation.httpStatus == 414
        let denial = Denial(reason: isTooLarge ? .httpHeadTooLarge : .httpMalformed, subject: subject)
        output.commands.append(
            .record(Decision(stage: .http, agent: agent, denial: denial, detail: violation.description)))
        if case .streaming = response, request != nil { return abandon(output: &output) }
        request = nil
        refuse(
            denial, detail: violation.description, status: violation.httpStatus, keepAlive: false, headOnly: false,
            output: &output)
    }

    /// The agent will send no more.
    package mutating func agentClosed(output: inout HTTPOutput) {
        switch state {
        case .forwarding where requestBody.isFinished:
            // Half-closed with the request complete: the answer is still wanted.
            request?.keepAlive = false
        case .forwarding:
            abandon(output: &output)
        case .idle, .draining:
            // What has been answered may still be on its way: a reset would take it back.
            state = .closed
            output.commands.append(.closeAgent)
        case .closed:
            break
        }
    }

    // MARK: From upstream

    /// Takes plaintext from the upstream connection of the exchange in progress.
    package mutating func upstreamSent(_ bytes: Span<UInt8>, output: inout HTTPOutput) {
        guard request != nil else {
            // An answer nobody asked for: whatever follows on that connection cannot be trusted to be in step.
            output.commands.append(.dropUpstream)
            return
        }
        guard heldHead.isEmpty else {
            return upstreamFailed(.httpUpstreamMalformed, detail: "an answer before the request", output: &output)
        }
        replay = nil
        var used = 0
        do {
            while used < bytes.count, request != nil {
                let rest = bytes.extracting(used..<bytes.count)
                switch response {
                case .awaited: used += try responseHead(rest, output: &output)
                case .streaming: used += try responseBody.forward(rest, to: &output.toAgent)
                }
                finishIfDone(unread: bytes.count - used, output: &output)
            }
        } catch {
            upstreamFailed(.httpUpstreamMalformed, detail: error.description, output: &output)
        }
    }

    private mutating func responseHead(_ bytes: Span<UInt8>, output: inout HTTPOutput) throws(HTTP1Violation) -> Int {
        let before = upstreamHead.count
        let isHEAD = request?.isHEAD ?? false
        let result: HTTP1ParseResult<HTTP1ResponseHead>
        if before == 0 {
            result = try HTTP1ResponseHead.parse(bytes, answeringHEAD: isHEAD)
        } else {
            upstreamHead.append(copying: bytes)
            result = try HTTP1ResponseHead.parse(
                upstreamHead.span, answeringHEAD: isHEAD, scanFrom: upstreamHeadScanned)
        }
        switch result {
        case .needMore(let scanFrom):
            if before == 0 { upstreamHead.append(copying: bytes) }
            upstreamHeadScanned = scanFrom
            return bytes.count
        case .head(let head, let consumed):
            upstreamHead = []
            try begin(head, output: &output)
            return consumed - before
        }
    }

    private mutating func begin(_ head: HTTP1ResponseHead, output: inout HTTPOutput) throws(HTTP1Violation) {
        guard let version = request?.version else { return }
        if head.isInterim {
            request?.interims += 1
            guard (request?.interims ?? 0) <= Limits.interimResponses else { throw .tooManyInterimResponses }
            // 100 and 103 go on to agents that know them.
            if version == .http11 { head.append(into: &output.toAgent) }
            return
        }
        // 101 was never asked for: the upgrade was refused.
        guard head.status != 101 else { throw .unaskedSwitch }
        let endsWithConnection = head.framing == .untilClose
        // A body that ends with the connection is given an end of its own, where the agent can read one.
        let rewraps = version == .http11 && (head.framing == .chunked || endsWithConnection)
        if version == .http10, head.framing == .chunked || endsWithConnection { request?.keepAlive = false }
        // An answer that overtakes its request leaves the connections out of step.
        if !requestBody.isFinished { request?.keepAlive = false }
        head.append(
            normalised: HTTP1Forwarding(framing: rewraps ? .chunked : nil, closes: request?.keepAlive == false),
            to: version, into: &output.toAgent)
        response = .streaming(upstreamKeepAlive: head.keepAlive && !endsWithConnection)
        responseBody = HTTP1BodyForwarder(head.framing, rewrapping: rewraps)
    }

    /// - Parameter unread: bytes that came after the response's end: an answer to nothing.
    private mutating func finishIfDone(unread: Int, output: inout HTTPOutput) {
        guard let request, case .streaming(let upstreamKeepAlive) = response, responseBody.isFinished else { return }
        let isComplete = requestBody.isFinished
        self.request = nil
        response = .awaited
        output.commands.append(.finishExchange(reusable: isComplete && unread == 0 && upstreamKeepAlive && !request.isLastUpstream))
        if request.keepAlive && isComplete {
            state = .idle
        } else {
            state = .draining(received: 0)
            output.commands.append(.closeAgent)
        }
    }

    /// The upstream connection ended.
    ///
    /// - Parameters:
    ///   - wasReused: it had served another request before.
    ///   - cleanly: by the protocol's own goodbye, so that what came is all there was.
    /// - Returns: the request to send again on a fresh connection, when that is safe (RFC 9112 section 9.3.1).
    package mutating func upstreamClosed(wasReused: Bool, cleanly: Bool, output: inout HTTPOutput) -> [UInt8]? {
        guard request != nil else { return nil }
        if case .streaming = response, responseBody.endsWithConnection, cleanly {
            responseBody.finishAtClose(to: &output.toAgent)
            finishIfDone(unread: 0, output: &output)
            return nil
        }
        if wasReused, let again = replay {
            replay = nil
            return again
        }
        upstreamFailed(.upstreamClosed, detail: nil, output: &output)
        return nil
    }

    /// No upstream connection could be had, or it broke.
    package mutating func upstreamFailed(_ reason: Reason, detail: String?, output: inout HTTPOutput) {
        guard let failed = request else { return }
        let denial = Denial(reason: reason, subject: failed.host.text)
        output.commands.append(.record(Decision(stage: .http, agent: agent, denial: denial, detail: detail)))
        if case .streaming = response { return abandon(output: &output) }
        request = nil
        heldHead = []
        upstreamHead = []
        output.toAgent.removeAll(keepingCapacity: true)
        output.commands.append(.dropUpstream)
        refuse(denial, detail: detail, keepAlive: false, headOnly: failed.isHEAD, output: &output)
    }

    /// Ends both connections where they stand: half an answer cannot be taken back, so the agent sees it end too early.
    private mutating func abandon(output: inout HTTPOutput) {
        request = nil
        heldHead = []
        upstreamHead = []
        state = .closed
        output.commands.append(.dropUpstream)
        output.commands.append(.abortAgent)
    }

    private mutating func refuse(
        _ denial: Denial, detail: String?, status: Int? = nil, keepAlive: Bool, headOnly: Bool,
        output: inout HTTPOutput
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

import GatewayCore
import Policy
import Testing
import WireFormats

/// A transcript of one agent connection: the two sides speak, `expect` says what came of it since the last time.
///
/// The same transcript is played with messages whole and in pieces of one and of seven bytes. What goes out is read as its
/// receiver reads it, so that chunk sizes, which follow the pieces, do not matter: chunked content stands in braces, with
/// an ellipsis where its end has not come; a refusal by the gateway stands as `<STATUS REASON>`, with `close` or `open`.
struct HTTPPlaybook: ~Copyable {
    enum Feed: Int, CaseIterable, Sendable {
        case whole = 0x10000
        case byteByByte = 1
        case bySevens = 7
    }

    private var exchange = HTTPExchange(agent: AgentID(number: 1))
    private let feed: Feed
    /// What the agent sent and the exchange did not take yet.
    private var waiting: [UInt8] = []
    private var toAgent: [UInt8] = []
    private var toUpstream: [UInt8] = []
    private var commands: [String] = []
    private(set) var judged = 0

    init(_ feed: Feed) {
        self.feed = feed
    }

    // Events

    mutating func agent(_ text: String) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = min(start + feed.rawValue, bytes.count)
            waiting += bytes[start..<end]
            start = end
            offer()
        }
    }

    private mutating func offer() {
        while !waiting.isEmpty {
            var output = HTTPOutput()
            let bytes = waiting
            var asked = 0
            let used = exchange.agentSent(
                bytes.span,
                judge: { head in
                    asked += 1
                    return Self.judge(head)
                }, output: &output)
            judged += asked
            waiting.removeFirst(used)
            take(output)
            if used == 0 { return }
        }
    }

    mutating func upstream(_ text: String) {
        let before = commands.count
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = min(start + feed.rawValue, bytes.count)
            var output = HTTPOutput()
            let part = Array(bytes[start..<end])
            exchange.upstreamSent(part.span, output: &output)
            start = end
            take(output)
            if commands[before...].contains("drop upstream") { break }
            if commands[before...].contains(where: { $0.hasPrefix("finish") }), start < bytes.count {
                // What follows an answer comes while the connection is looked after by nobody.
                var output = HTTPOutput()
                let rest = Array(bytes[start...])
                exchange.upstreamSent(rest.span, output: &output)
                take(output)
                break
            }
        }
        offer()
    }

    mutating func agentCloses() {
        var output = HTTPOutput()
        exchange.agentClosed(output: &output)
        take(output)
    }

    /// - Returns: what is to be sent again.
    mutating func upstreamCloses(reused: Bool = false, cleanly: Bool = true) -> String? {
        var output = HTTPOutput()
        let again = exchange.upstreamClosed(wasReused: reused, cleanly: cleanly, output: &output)
        take(output)
        return again.map { String(decoding: $0, as: UTF8.self) }
    }

    mutating func upstreamFails(_ reason: Reason) {
        var output = HTTPOutput()
        exchange.upstreamFailed(reason, detail: nil, output: &output)
        take(output)
    }

    /// Paths below `/no` are refused.
    private static func judge(_ head: HTTP1RequestHead) -> HTTPRequestVerdict {
        let agent = AgentID(number: 1)
        if head.targetText.hasPrefix("/no") {
            let denial = Denial(reason: .httpPathNotAllowed, subject: head.targetText)
            return .refuse(denial, Decision(stage: .http, agent: agent, denial: denial))
        }
        guard let host = head.authority.name else {
            let denial = Denial(reason: .httpHostNotAllowed, subject: head.targetText)
            return .refuse(denial, Decision(stage: .http, agent: agent, denial: denial))
        }
        return .forward(host, Decision(stage: .http, action: .allow, agent: agent, subject: head.targetText))
    }

    private mutating func take(_ output: HTTPOutput) {
        toAgent += output.toAgent
        toUpstream += output.toUpstream
        for command in output.commands {
            switch command {
            case .record(let decision):
                commands.append("\(decision.action)" + (decision.reason.map { " \($0.rawValue)" } ?? ""))
            case .openUpstream(let host): commands.append("open \(host)")
            case .finishExchange(let reusable): commands.append(reusable ? "finish, keep upstream" : "finish")
            case .dropUpstream: commands.append("drop upstream")
            case .closeAgent: commands.append("close agent")
            case .abortAgent: commands.append("abort agent")
            }
        }
    }

    // Expectations

    mutating func expect(
        upstream: String = "", agent: String = "", _ expected: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let (sentUpstream, sentAgent, done) = (Self.read(toUpstream), Self.read(toAgent), commands)
        #expect(sentUpstream == upstream, "to the origin", sourceLocation: sourceLocation)
        #expect(sentAgent == agent, "to the agent", sourceLocation: sourceLocation)
        #expect(done == expected, sourceLocation: sourceLocation)
        toUpstream = []
        toAgent = []
        commands = []
    }

    func expectIdle(sourceLocation: SourceLocation = #_sourceLocation) {
        let isIdle = exchange.isIdle
        #expect(isIdle, sourceLocation: sourceLocation)
    }

    /// Bytes from the agent have to wait, or are of no use.
    func expectDeaf(sourceLocation: SourceLocation = #_sourceLocation) {
        let wantsBytes = exchange.wantsAgentBytes
        #expect(!wantsBytes, sourceLocation: sourceLocation)
    }

    /// The last commands since the last expectation.
    func lastCommands(_ count: Int) -> [String] { Array(commands.suffix(count)) }

    /// What was sent to the origin since the last expectation, raw.
    mutating func takeUpstreamBytes() -> [UInt8] {
        defer { toUpstream = [] }
        return toUpstream
    }

    /// Heads as they are, bodies as their receiver reads them.
    private static func read(_ bytes: [UInt8]) -> String {
        var text = ""
        var rest = bytes[...]
        while let end = rest.indices.first(where: { rest[$0...].starts(with: "\r\n\r\n".utf8) }) {
            let head = String(decoding: rest[..<end], as: UTF8.self)
            guard head.hasPrefix("HTTP/") || head.contains(" HTTP/1.1\r\n") else { break }
            rest = rest[(end + 4)...]
            let lines = head.split(separator: "\r\n").map(String.init)
            if let reason = lines.first(where: { $0.hasPrefix("portcullis-reason: ") })?.dropFirst(19) {
                let isClosing = lines.contains("connection: close")
                text += "<\(head.dropFirst(9).prefix(3)) \(reason) \(isClosing ? "close" : "open")>"
                let length = lines.first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
                if rest.first == UInt8(ascii: "{") { rest = rest.dropFirst(length) } else { text += "bare" }
                continue
            }
            text += lines.joined(separator: "|") + "||"
            if lines.contains("Transfer-Encoding: chunked") { text += content(&rest) }
        }
        return text + String(decoding: rest, as: UTF8.self)
    }

    private static func content(_ rest: inout ArraySlice<UInt8>) -> String {
        var decoder = HTTP1ChunkedDecoder()
        var payload: [UInt8] = []
        let part = Array(rest)
        guard let (consumed, progress) = try? decoder.decode(part.span, into: &payload) else { return "BROKEN" }
        rest = rest.dropFirst(consumed)
        let text = String(decoding: payload, as: UTF8.self)
        switch progress {
        case .needMore: return "{\(text)…"
        case .finished(let trailers):
            return "{\(text)}" + trailers.fields.map { trailers.text($0.name) + "=" + trailers.text($0.value) }.joined()
        }
    }
}

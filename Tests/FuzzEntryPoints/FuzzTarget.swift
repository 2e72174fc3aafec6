import GatewayCore
import Policy
import TestSupport
import WireFormats

/// One decoder, run on any bytes. A run traps or reports when something holds that must not; what the decoder makes of
/// the bytes does not matter. `Corpus/NAME` holds its seeds, and every input that ever broke it.
package enum FuzzTarget: String, CaseIterable, Sendable {
    case ipPacket = "ip-packet"
    case dnsQuery = "dns-query"
    case dnsAnswer = "dns-answer"
    /// RDATA of a service binding.
    case dnsService = "dns-service"
    /// What an agent sends over a DNS connection.
    case dnsStream = "dns-stream"
    case clientHello = "client-hello"
    case firstBytes = "first-bytes"
    case httpRequest = "http-request"
    case httpResponse = "http-response"
    case httpChunks = "http-chunks"
    /// A packet to the packet plane.
    case packetPlane = "packet-plane"
    /// A flow whose hello is judged in the queue.
    case helloGate = "hello-gate"
    /// QUIC datagrams of such a flow.
    case quicGate = "quic-gate"
    /// Headers and frames of QUIC.
    case quicPacket = "quic-packet"
    /// A connection: what the agent and the origin say in turns, separated by 0xff.
    case httpExchange = "http-exchange"
    /// What is kept of a sealed agent.
    case sealRecord = "seal-record"
    /// A JSON text.
    case jsonValue = "json-value"

    /// - Returns: what is wrong, or `nil`.
    package func run(_ bytes: [UInt8]) -> String? {
        switch self {
        case .ipPacket: Self.ipPacket(bytes)
        case .dnsQuery: Self.dnsQuery(bytes)
        case .dnsAnswer: Self.dnsAnswer(bytes)
        case .dnsService: Self.dnsService(bytes)
        case .dnsStream: Self.dnsStream(bytes)
        case .clientHello: Self.clientHello(bytes)
        case .firstBytes: Self.firstBytes(bytes)
        case .httpRequest: Self.httpRequest(bytes)
        case .httpResponse: Self.httpResponse(bytes)
        case .httpChunks: Self.httpChunks(bytes)
        case .packetPlane: Self.packetPlane(bytes)
        case .helloGate: HelloGateReplay.run(bytes)
        case .quicGate: QUICGateReplay.run(bytes)
        case .quicPacket: Self.quicPacket(bytes)
        case .httpExchange: Self.httpExchange(bytes)
        case .jsonValue: Self.jsonValue(bytes)
        case .sealRecord: Self.sealRecord(bytes)
        }
    }

    private static func jsonValue(_ bytes: [UInt8]) -> String? {
        guard let value = JSONValue(bytes.span) else { return nil }
        // Space around a text changes nothing, and what the writer makes of its strings is read as the same.
        guard JSONValue(([0x20] + bytes + [0x0a]).span) == value else { return "space makes another value of it" }
        var json = JSONText(stringLimitBytes: .max)
        write(value, to: &json)
        return JSONValue(json.bytes.span) == withoutNumbers(value) ? nil : "written, it is another value"
    }

    /// The writer knows no fractions: every number is 0 here and there.
    private static func withoutNumbers(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .string: value
        case .number: .number("0")
        case .array(let elements): .array(elements.map(withoutNumbers))
        case .object(let members): .object(members.mapValues(withoutNumbers))
        }
    }

    private static func write(_ value: JSONValue, to json: inout JSONText) {
        switch value {
        case .null: json.null()
        case .bool(let isTrue): json.bool(isTrue)
        case .number: json.number(0)
        case .string(let text): json.string(text)
        case .array(let elements):
            json.beginArray()
            for element in elements { write(element, to: &json) }
            json.endArray()
        case .object(let members):
            json.beginObject()
            for (name, member) in members {
                json.key(name)
                write(member, to: &json)
            }
            json.endObject()
        }
    }

    private static func ipPacket(_ bytes: [UInt8]) -> String? {
        guard let packet = IPPacket(bytes) else { return nil }
        guard packet.payload.lowerBound >= 20, packet.payload.upperBound <= bytes.count else { return "payload outside" }
        let transport = Array(bytes[packet.payload])
        _ = TCPHeader(transport)
        guard let header = UDPHeader(transport) else { return nil }
        return header.payload.upperBound <= transport.count ? nil : "datagram outside"
    }

    private static func dnsQuery(_ bytes: [UInt8]) -> String? {
        guard case .query(let query) = DNSQuery.parse(bytes) else { return nil }
        // What is asked of a resolver is the same question.
        guard case .query(let again) = DNSQuery.parse(query.forResolver(identifier: 1)), again.name == query.name,
            again.type == query.type
        else { return "asks another question" }
        let text = String(repeating: "x", count: 600)
        for limit in [512, 1232] {
            let response = DNSResponse(
                responseCode: DNSResponse.noError, addresses: [IPAddress](repeating: IPAddress(v4: 1), count: 100),
                extendedError: (code: 15, text: text))
            let message = response.message(for: query, sizeLimit: limit)
            guard message.count <= limit else { return "an answer of \(message.count) bytes" }
            guard let answer = DNSAnswer.parse(message, to: query, identifier: query.identifier), answer.isTruncated else {
                return "an answer to another question, or one that does not say that it is cut"
            }
        }
        return nil
    }

    private static func dnsAnswer(_ bytes: [UInt8]) -> String? {
        guard case .query(let query) = DNSQuery.parse(DNSBytes.query("a.example", .a)),
            let answer = DNSAnswer.parse(bytes, to: query, identifier: 7)
        else { return nil }
        guard answer.addresses.allSatisfy({ $0.family == .v4 }) else { return "an address of another family" }
        return answer.addresses.count * 4 <= bytes.count ? nil : "addresses out of nowhere"
    }

    private static func dnsService(_ bytes: [UInt8]) -> String? {
        guard let binding = DNSServiceBinding.parse(bytes.span, 0..<bytes.count) else { return nil }
        guard binding.hints.count * 4 <= bytes.count else { return "addresses out of nowhere" }
        // What is written is the same record, as long as what was left out was not mandatory.
        guard binding.isConsistent else { return nil }
        var written: [UInt8] = []
        binding.append(to: &written)
        guard written.count <= bytes.count else { return "grows" }
        return DNSServiceBinding.parse(written.span, 0..<written.count) == binding ? nil : "is read back as another"
    }

    private static func dnsStream(_ bytes: [UInt8]) -> String? {
        func cut(step: Int) -> (events: [DNSStream.Next], held: Int) {
            var stream = DNSStream()
            var events: [DNSStream.Next] = []
            var held = 0
            for start in stride(from: 0, to: bytes.count, by: step) {
                let part = Array(bytes[start..<min(start + step, bytes.count)])
                stream.append(part.span)
                while true {
                    let next = stream.next()
                    if next == .needMore { break }
                    events.append(next)
                }
                held = max(held, stream.heldByteCount)
            }
            return (events, held)
        }
        let (whole, single) = (cut(step: max(bytes.count, 1)), cut(step: 1))
        guard whole.events == single.events else { return "depends on how it comes" }
        // A message, its length, and an identifier that is waited for.
        guard single.held <= Limits.dnsStreamQueryBytes + 4 else { return "holds \(single.held) bytes" }
        let carried = whole.events.reduce(0) { sum, event in
            guard case .message(let message) = event else { return sum }
            return sum + 2 + message.count
        }
        return carried <= bytes.count ? nil : "messages out of nowhere"
    }

    private static func clientHello(_ bytes: [UInt8]) -> String? {
        let whole = ClientHello.parse(bytes)
        if case .hello(let hello) = whole {
            let size = (hello.serverName?.count ?? 0) + hello.applicationProtocols.reduce(0) { $0 + $1.count }
            guard size <= bytes.count else { return "longer than its bytes" }
        }
        // Less of it is not yet known, or known to be the same.
        for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 16)) {
            let part = ClientHello.parse(Array(bytes.prefix(count)))
            guard part == .needMore || part == whole else { return "\(count) bytes: \(part), whole: \(whole)" }
        }
        return nil
    }

    private static func firstBytes(_ bytes: [UInt8]) -> String? {
        let whole = FirstBytes.identify(bytes.span)
        for count in 0..<min(bytes.count, 40) {
            let prefix = Array(bytes.prefix(count))
            let part = FirstBytes.identify(prefix.span)
            guard part == .needMore || part == whole else { return "\(count) bytes: \(part), whole: \(whole)" }
        }
        return nil
    }

    private static func httpRequest(_ bytes: [UInt8]) -> String? {
        guard case .head(let head, let consumed)? = try? HTTP1RequestHead.parse(bytes.span) else { return nil }
        guard consumed <= bytes.count else { return "head outside" }
        var written: [UInt8] = []
        head.append(to: &written)
        guard case .head(let again, let length)? = try? HTTP1RequestHead.parse(written.span), length == written.count else {
            return "is not read back"
        }
        return again.framing == head.framing && again.authority == head.authority && again.targetText == head.targetText
            ? nil : "is read back as another"
    }

    private static func httpResponse(_ bytes: [UInt8]) -> String? {
        guard case .head(let head, let consumed)? = try? HTTP1ResponseHead.parse(bytes.span, answeringHEAD: false) else {
            return nil
        }
        guard consumed <= bytes.count else { return "head outside" }
        var written: [UInt8] = []
        head.append(into: &written)
        guard case .head(let again, _)? = try? HTTP1ResponseHead.parse(written.span, answeringHEAD: false) else {
            return "is not read back"
        }
        return again.framing == head.framing && again.status == head.status ? nil : "is read back as another"
    }

    private static func httpChunks(_ bytes: [UInt8]) -> String? {
        func decode(step: Int) -> (payload: [UInt8], end: Int?)? {
            var decoder = HTTP1ChunkedDecoder()
            var payload: [UInt8] = []
            var start = 0
            while start < bytes.count {
                let part = Array(bytes[start..<min(start + step, bytes.count)])
                guard let (consumed, progress) = try? decoder.decode(part.span, into: &payload) else { return nil }
                start += consumed
                if case .finished = progress { return (payload, start) }
            }
            return (payload, nil)
        }
        let (whole, parts) = (decode(step: max(bytes.count, 1)), decode(step: 1))
        return whole?.payload == parts?.payload && whole?.end == parts?.end ? nil : "depends on how it comes"
    }

    private static let policy = try? PolicyLoader.load(
        text: "version: 1\nallow:\n  - host: a.example\n", source: "fuzz"
    ) { name, _ in throw HostNameError.empty }.compiled()

    private static func packetPlane(_ bytes: [UInt8]) -> String? {
        guard let policy else { return "no policy" }
        var plane = PacketPlane(agent: AgentID(number: 1), policy: policy)
        // Nothing is pinned and no address allowed: nothing passes, whatever it is.
        func judge(_ plane: inout PacketPlane, _ answers: inout [UInt8]) -> PacketOutcome {
            plane.packet(
                bytes.span, queuedAs: 1, pins: PinTable(), identifier: 7, at: Timestamp(nanoseconds: 0), answers: &answers)
        }
        // A refused name is answered in the same bytes again, behind those that are there.
        var (packet, again): ([UInt8], [UInt8]) = ([], [1, 2])
        let outcome = judge(&plane, &packet)
        if case .answer = outcome, judge(&plane, &again) != outcome || again != [1, 2] + packet { return "answers otherwise again" }
        switch outcome {
        case .pass(.intercepted, nil):
            // A connection that asks names: they are judged one by one.
            let packet = IPPacket(bytes)
            let port = packet.flatMap { TCPHeader(Array(bytes[$0.payload]))?.destinationPort }
            return port == 53 ? nil : "passes"
        case .pass: return "passes"
        case .ask(let question):
            guard case .query(let query) = DNSQuery.parse(question.message), query.name.text == "a.example" else {
                return "asks for another name"
            }
            return nil
        case .answer:
            guard let back = IPPacket(packet), let sent = IPPacket(bytes), back.destination == sent.source,
                back.source == sent.destination
            else { return "answers somebody else" }
            return nil
        case .refuse, .drop: return nil
        case .hold, .settle: return "holds a packet of no flow"
        }
    }

    private static func quicPacket(_ bytes: [UInt8]) -> String? {
        if case .long(let header) = QUICLongHeader.read(bytes.span) {
            let places = [
                header.destinationID.lowerBound, header.destinationID.upperBound, header.sourceID.lowerBound,
                header.sourceID.upperBound, header.token.lowerBound, header.token.upperBound, header.packetNumber, header.end,
            ]
            guard places == places.sorted(), header.end <= bytes.count, header.end > 5 else { return "header outside" }
        }
        var size = 0
        let isWellFormed = QUICInitialFrames.read(bytes.span) { _, range in
            size += range.count
            if range.upperBound > bytes.count { size = .max / 2 }
        }
        return size <= bytes.count || !isWellFormed && size < .max / 2 ? nil : "frames outside"
    }

    private static func sealRecord(_ bytes: [UInt8]) -> String? {
        let record = SealRecord.read(bytes, agent: "claude")
        guard record.agent == "claude" else { return "another agent's" }
        let written = Array(record.text.utf8)
        guard written.count <= Limits.sealRecordBytes, record.later.count <= Limits.laterSealCauses else { return "too long" }
        guard SealRecord.read(written, agent: "claude") == record else { return "is read back as another" }
        return written == bytes || record.cause.code == .unknown ? nil : "has two spellings"
    }

    private static func httpExchange(_ bytes: [UInt8]) -> String? {
        var exchange = HTTPExchange(agent: AgentID(number: 1))
        var isEnded = false
        var approved = 0
        var opened = 0
        for (turn, part) in bytes.split(separator: 0xff, omittingEmptySubsequences: false).enumerated() {
            var output = HTTPOutput()
            let said = Array(part)
            if turn % 2 == 1 {
                exchange.upstreamSent(said.span, output: &output)
            } else {
                let used = exchange.agentSent(
                    said.span,
                    judge: { head in
                        guard let host = head.authority.name, host.text == "a.example" else {
                            let denial = Denial(reason: .httpHostNotAllowed, subject: "x")
                            return .refuse(denial, Decision(stage: .http, agent: AgentID(number: 1), denial: denial))
                        }
                        approved += 1
                        return .forward(
                            host, Decision(stage: .http, action: .allow, agent: AgentID(number: 1), subject: "x"))
                    }, output: &output)
                guard used <= said.count else { return "uses more than there is" }
            }
            if isEnded, !output.toAgent.isEmpty || !output.toUpstream.isEmpty { return "speaks after the end" }
            for command in output.commands {
                switch command {
                case .openUpstream: opened += 1
                case .closeAgent, .abortAgent: isEnded = true
                case .record, .finishExchange, .dropUpstream: break
                }
            }
            guard opened <= approved else { return "opens what nobody approved" }
            guard output.toUpstream.isEmpty || opened > 0 else { return "sends what nobody approved" }
        }
        return nil
    }
}

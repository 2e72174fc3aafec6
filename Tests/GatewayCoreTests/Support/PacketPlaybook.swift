import GatewayCore
import Policy
import TestSupport
import Testing
import WireFormats

/// A transcript of the packet plane: `when` something arrives, `expect` what it leads to, in words.
///
///     ask NAME TYPE
///     answer CODE [cut] [ede N] [SERVICES] [ADDRESSES ttl N] │ allow or deny REASON
///     over TCP: stream N answer …, stream N last answer …
///     pass MARK [│ allow …]       refuse │ deny REASON       drop [│ deny REASON]
struct PacketPlaybook: ~Copyable {
    static let agent = AgentID(number: 1)
    static let agent4 = IPAddress(v4: 0x0a00_0002)
    static let agent6 = IPAddress(v6High: 0xfd00_0000_0000_0000, low: 2)
    static let resolver4 = IPAddress(v4: 0x0a00_0001)
    static let resolver6 = IPAddress(v6High: 0xfd00_0000_0000_0000, low: 1)

    var plane: PacketPlane
    var pins = PinTable()
    var now = Timestamp(nanoseconds: 0)
    private var said = ""
    private(set) var questions: [ResolverQuestion] = []
    /// Of the last decision, for numbers that are worth to be held to.
    private(set) var detail: String?
    private(set) var remedy: String?
    private(set) var decision: Decision?
    /// What the plane wrote last.
    private(set) var answers: [UInt8] = []
    private(set) var echoedQuestion: [UInt8] = []
    /// Of the last answer.
    private(set) var addressCount = 0
    private(set) var isCut = false
    private var nextIdentifier: UInt16 = 100

    init(_ rules: String) throws { self.init(policy: try PolicyText.compile(rules)) }

    init(policy: CompiledPolicy, forwards: Bool = false) {
        plane = PacketPlane(
            agent: Self.agent, policy: policy, forwards: forwards, opener: forwards ? QUICBytes.Opener() : nil)
    }

    func expect(_ words: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let said = said
        #expect(said == words, sourceLocation: sourceLocation)
    }

    mutating func wait(seconds: UInt64) { now = now.advanced(bySeconds: seconds) }

    // Events

    mutating func whenPacket(_ bytes: [UInt8]) {
        nextIdentifier += 1
        answers = []
        let outcome = plane.packet(bytes.span, queuedAs: 1, pins: pins, identifier: nextIdentifier, at: now, answers: &answers)
        switch outcome {
        case .pass(let mark, let decision): said = "pass \(mark)" + words(decision)
        case .refuse(let decision): said = "refuse" + words(decision)
        case .drop(let decision): said = "drop" + words(decision)
        case .answer(let decision): said = answer(answers) + words(decision)
        case .ask(let question): ask(question)
        case .hold, .settle: said = "holds a packet"
        }
    }

    /// A query over TCP.
    mutating func whenStream(_ number: UInt64, _ message: [UInt8]) {
        nextIdentifier += 1
        switch plane.streamQuery(message.span, stream: number, identifier: nextIdentifier, at: now) {
        case .reply(let reply, let decision): said = answer(reply) + words(decision)
        case .drop(let decision): said = "drop" + words(decision)
        case .ask(let question): ask(question)
        }
    }

    private mutating func ask(_ question: ResolverQuestion) {
        questions.append(question)
        guard case .query(let query) = DNSQuery.parse(question.message) else { return said = "ask nonsense" }
        said = "ask \(query.name) \(query.type)"
    }

    mutating func whenQuery(_ name: String, _ type: DNSRecordType = .a, edns: UInt16? = 1232, v6: Bool = false) {
        whenMessage(DNSBytes.query(name, type, edns: edns), v6: v6)
    }

    /// A datagram to port 53.
    mutating func whenMessage(_ message: [UInt8], v6: Bool = false) {
        whenPacket(
            UDPDatagram.packet(
                from: v6 ? Self.agent6 : Self.agent4, port: 40_000, to: v6 ? Self.resolver6 : Self.resolver4, port: 53,
                payload: message) ?? [])
    }

    mutating func whenSYN(_ address: String, _ port: UInt16 = 443) throws {
        let to = try #require(IPAddress(address))
        whenPacket(PacketBytes.tcp(from: to.family == .v4 ? Self.agent4 : Self.agent6, to: to, port: port))
    }

    /// The resolver answers the last question with addresses.
    mutating func whenResolver(_ addresses: [String], timeToLive: UInt32 = 300, flags: UInt16 = 0x8180) throws {
        let question = try #require(questions.last)
        guard case .query(let query) = DNSQuery.parse(question.message) else { return }
        let records = try addresses.map { DNSBytes.address(try #require(IPAddress($0)), timeToLive: timeToLive) }
        whenResolver(
            DNSBytes.answer(query.name.text, query.type, identifier: query.identifier, flags: flags, records: records),
            token: question.token)
    }

    mutating func whenResolver(_ message: [UInt8], token: UInt32) {
        answers = []
        heard(plane.resolverAnswered(message.span, token: token, pins: &pins, at: now, answers: &answers))
    }

    mutating func whenResolverFails() throws {
        answers = []
        heard(plane.resolverFailed(token: try #require(questions.last).token, detail: "silence", answers: &answers))
    }

    private mutating func heard(_ outcome: ResolverOutcome) {
        switch outcome {
        case .ignore: said = "ignore"
        case .askOverTCP: said = "ask over TCP"
        case .askNext: said = "ask the next"
        case .answer(let reply, let decision): said = answer(reply) + words(decision)
        }
    }

    // Words

    private mutating func answer(_ reply: NameReply) -> String {
        switch reply {
        case .packet: answer(answers)
        case .message(let message, let stream, let isLast): "stream \(stream) \(isLast ? "last " : "")\(read(message))"
        }
    }

    private mutating func words(_ decision: Decision?) -> String {
        detail = decision?.detail
        remedy = decision?.remedy?.text
        self.decision = decision
        guard let decision else { return "" }
        return " | \(decision.action)" + (decision.reason.map { " \($0.rawValue)" } ?? "")
    }

    /// Reads the packet as the agent would.
    private mutating func answer(_ bytes: [UInt8]) -> String {
        guard let packet = IPPacket(bytes), let header = UDPHeader(Array(bytes[packet.payload])),
            [Self.agent4, Self.agent6].contains(packet.destination), [Self.resolver4, Self.resolver6].contains(packet.source),
            header.sourcePort == 53, header.destinationPort == 40_000
        else { return "answer to nobody" }
        return read(Array(Array(bytes[packet.payload])[header.payload]))
    }

    private mutating func read(_ message: [UInt8]) -> String {
        let code = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"][Int(message[3] & 15)]
        var result = "answer \(code)" + (message[2] & 2 != 0 ? " cut" : "")
        isCut = message[2] & 2 != 0
        guard code != "FORMERR", let (_, end) = DNSName.read(message, at: 12) else { return result }
        var offset = end + 4
        echoedQuestion = Array(message[12..<offset])
        var addresses: [IPAddress] = []
        var lifetime: UInt32?
        while let record = DNSRecord.read(message, at: offset) {
            offset = record.next
            if record.type == .opt, record.data.count >= 6 {
                result += " ede \(message[record.data.lowerBound + 4] << 8 | message[record.data.lowerBound + 5])"
            }
            if record.type == .https || record.type == .svcb, let service = DNSServiceBinding.parse(message.span, record.data) {
                result += " [\(Self.words(service))]"
            }
            guard let address = IPAddress(record.type == .a ? .v4 : .v6, in: message.span, at: record.data.lowerBound),
                record.type == .a || record.type == .aaaa
            else { continue }
            addresses.append(address)
            lifetime = record.timeToLive
        }
        guard offset == message.count else { return "answer with trailing bytes" }
        addressCount = addresses.count
        if let lifetime { result += " \(addresses.map(\.description).joined(separator: " ")) ttl \(lifetime)" }
        return result
    }

    /// `1 . alpn h2 port 8443 hints 93.184.216.34 mandatory 1 3`
    private static func words(_ service: DNSServiceBinding) -> String {
        var parts = ["\(service.priority) \(service.target?.text ?? ".")"]
        if !service.protocols.isEmpty {
            parts.append("alpn " + service.protocols.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))
        }
        if service.hasNoDefaultProtocol { parts.append("no default") }
        if let port = service.port { parts.append("port \(port)") }
        if !service.hints.isEmpty { parts.append("hints " + service.hints.map(\.description).joined(separator: " ")) }
        if !service.mandatory.isEmpty { parts.append("mandatory " + service.mandatory.map(String.init).joined(separator: " ")) }
        return parts.joined(separator: " ")
    }
}

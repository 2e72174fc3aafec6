import GatewayCore
import Policy
import TestSupport
import Testing
import WireFormats

/// A transcript of one TCP flow whose hello is judged: what the agent and the server send, and what becomes of it.
///
/// Packets are numbered as they are sent; offsets count from the byte after the SYN of each side.
///
///     pass MARK │ drop │ hold │ refuse
///     settle N:MARK N:drop … [+ reset server OFFSET] [+ reset agent OFFSET]       each with [│ ACTION REASON: DETAIL]
struct FlowPlaybook: ~Copyable {
    static let agent = AgentID(number: 1)
    static let rules = """
        allow:
          - host: pinned.example.com
            inspect: sni
          - host: twin.example.com
            inspect: sni
          - host: full.example.com
          - host: db.example.com
            ports: [5432]
            inspect: sni

        """
    static let hello = HelloBytes.record([HelloBytes.serverName("pinned.example.com")])

    var plane: PacketPlane
    var pins = PinTable()
    var now = Timestamp(nanoseconds: 0)
    let agentAddress: IPAddress
    let server: IPAddress
    var agentPort: UInt16 = 40_000
    var port: UInt16 = 443
    /// Initial sequence numbers.
    var agentStart: UInt32 = 1000
    var serverStart: UInt32 = 5000
    private(set) var said = ""
    /// Numbers of the packets that wait.
    private(set) var held: Set<UInt32> = []
    /// Numbers of those that passed, in the order of their verdicts.
    private(set) var passed: [UInt32] = []
    private(set) var last: UInt32 = 0

    init(_ rules: String = Self.rules, v6: Bool = false, forwards: Bool = true) throws {
        let policy = try PolicyText.compile(rules)
        let name = try HostName("pinned.example.com")
        plane = PacketPlane(agent: Self.agent, policy: policy, forwards: forwards)
        agentAddress = v6 ? PacketPlaybook.agent6 : PacketPlaybook.agent4
        server = v6 ? IPAddress(v6High: 0x2606_2800_0220_0001, low: 0x34) : IPAddress(v4: 0x5db8_d822)
        _ = pins.pin([server], to: name, for: Self.agent, timeToLive: 3600, at: now)
    }

    mutating func pin(_ name: String, for agent: AgentID = Self.agent) throws {
        #expect(pins.pin([server], to: try HostName(name), for: agent, timeToLive: 3600, at: now))
    }

    func expect(_ words: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let said = said
        #expect(said == words, sourceLocation: sourceLocation)
    }

    // Events

    /// SYN, SYN-ACK, ACK.
    mutating func whenOpened(sourceLocation: SourceLocation = #_sourceLocation) {
        whenAgent(PacketBytes.syn, at: -1, acknowledging: nil)
        expect("pass judging", sourceLocation: sourceLocation)
        whenServer(PacketBytes.syn | PacketBytes.ack, at: -1)
        expect("pass judging", sourceLocation: sourceLocation)
        whenAgent()
        expect("pass judging", sourceLocation: sourceLocation)
    }

    /// - Parameter acknowledging: an offset in the server's bytes.
    mutating func whenAgent(
        _ flags: UInt8 = PacketBytes.ack, at offset: Int = 0, acknowledging: Int? = 0, options: [UInt8] = [],
        _ payload: [UInt8] = []
    ) {
        whenPacket(
            PacketBytes.segment(
                from: agentAddress, port: agentPort, to: server, port: port,
                sequence: agentStart &+ 1 &+ UInt32(truncatingIfNeeded: offset),
                acknowledgement: acknowledging.map { serverStart &+ 1 &+ UInt32(truncatingIfNeeded: $0) } ?? 0,
                flags: flags, options: options, payload: payload))
    }

    mutating func whenAgentSends(_ payload: some Sequence<UInt8>, at offset: Int = 0) {
        whenAgent(PacketBytes.ack | PacketBytes.psh, at: offset, Array(payload))
    }

    /// - Parameter acknowledging: an offset in the agent's bytes.
    mutating func whenServer(
        _ flags: UInt8 = PacketBytes.ack, at offset: Int = 0, acknowledging: Int = 0, _ payload: [UInt8] = []
    ) {
        whenPacket(
            PacketBytes.segment(
                from: server, port: port, to: agentAddress, port: agentPort,
                sequence: serverStart &+ 1 &+ UInt32(truncatingIfNeeded: offset),
                acknowledgement: agentStart &+ 1 &+ UInt32(truncatingIfNeeded: acknowledging),
                flags: flags, payload: payload))
    }

    mutating func whenPacket(_ bytes: [UInt8]) {
        last += 1
        var answers: [UInt8] = []
        switch plane.packet(bytes.span, queuedAs: last, pins: pins, identifier: 1, at: now, answers: &answers) {
        case .pass(let mark, let decision):
            passed.append(last)
            said = "pass \(mark)" + words(decision)
        case .refuse(let decision): said = "refuse" + words(decision)
        case .drop(let decision): said = "drop" + words(decision)
        case .answer(let decision): said = "answer" + words(decision)
        case .ask: said = "ask"
        case .hold:
            held.insert(last)
            said = "hold"
        case .settle(let settlement):
            held.insert(last)
            said = words(settlement)
        }
    }

    mutating func wait(seconds: UInt64) {
        now = now.advanced(bySeconds: seconds)
        said = plane.expire(at: now).map { words($0) }.joined(separator: " / ")
    }

    // Words

    private func words(_ decision: Decision?) -> String {
        guard let decision else { return "" }
        var text = " | \(decision.action)"
        if let reason = decision.reason { text += " \(reason.rawValue)" }
        if let detail = decision.detail { text += ": \(detail)" }
        return text
    }

    private mutating func words(_ settlement: FlowSettlement) -> String {
        var text = "settle"
        for verdict in settlement.verdicts {
            if held.remove(verdict.packet) == nil { text += " NOT HELD" }
            text += " \(verdict.packet):\(verdict.mark.map { "\($0)" } ?? "drop")"
            if let mark = verdict.mark, mark != .refused { passed.append(verdict.packet) }
        }
        for packet in settlement.packets { text += " + " + words(reset: packet) }
        return text + words(settlement.decision)
    }

    private func words(reset bytes: [UInt8]) -> String {
        guard let packet = IPPacket(bytes), let header = TCPHeader(Array(bytes[packet.payload])), header.resets else {
            return "no reset"
        }
        if packet.source == agentAddress, packet.destination == server, header.sourcePort == agentPort, header.destinationPort == port {
            return "reset server \(Int32(bitPattern: header.sequence &- agentStart &- 1))"
        }
        if packet.source == server, packet.destination == agentAddress, header.sourcePort == port, header.destinationPort == agentPort {
            return "reset agent \(Int32(bitPattern: header.sequence &- serverStart &- 1))"
        }
        return "reset of another flow"
    }
}

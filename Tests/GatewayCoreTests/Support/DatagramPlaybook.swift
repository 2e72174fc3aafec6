import GatewayCore
import Policy
import TestSupport
import Testing
import WireFormats

/// A transcript of UDP flows to one host: what the agent sends, and what becomes of it.
///
///     pass MARK │ drop │ hold │ refuse │ settle N:MARK N:drop …        each with [│ ACTION REASON: DETAIL]
struct DatagramPlaybook: ~Copyable {
    static let agent = AgentID(number: 1)
    static let rules = """
        allow:
          - host: a.example
            inspect: sni
          - host: twin.example
            inspect: sni
          - host: full.example
          - host: far.example
            ports: [8443]
            inspect: sni

        """

    var plane: PacketPlane
    var pins = PinTable()
    var now = Timestamp(nanoseconds: 0)
    let agentAddress: IPAddress
    let server: IPAddress
    var agentPort: UInt16 = 40_000
    var port: UInt16 = 443
    private(set) var said = ""
    private(set) var held: Set<UInt32> = []
    private(set) var passed: [UInt32] = []
    private(set) var last: UInt32 = 0

    init(
        _ rules: String = Self.rules, v6: Bool = false, forwards: Bool = true,
        opener: (any QUICInitialOpener)? = QUICBytes.Opener()
    ) throws {
        let policy = try PolicyText.compile(rules)
        let name = try HostName("a.example")
        plane = PacketPlane(agent: Self.agent, policy: policy, forwards: forwards, opener: opener)
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

    mutating func whenAgent(_ payload: [UInt8]) {
        when(UDPDatagram.packet(from: agentAddress, port: agentPort, to: server, port: port, payload: payload))
    }

    mutating func whenServer(_ payload: [UInt8]) {
        when(UDPDatagram.packet(from: server, port: port, to: agentAddress, port: agentPort, payload: payload))
    }

    private mutating func when(_ packet: [UInt8]?) {
        last += 1
        var answers: [UInt8] = []
        let bytes = packet ?? []
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
        if !settlement.packets.isEmpty { text += " + packets" }
        return text + words(settlement.decision)
    }
}

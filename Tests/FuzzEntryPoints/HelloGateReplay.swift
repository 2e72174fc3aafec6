import GatewayCore
import Policy
import TestSupport
import WireFormats

/// One flow whose hello is judged, driven by any bytes, and the server at its other end.
///
/// The input is a list of segments: flags (bit 7: from the server), an offset in its sender's bytes (or, from the server,
/// what it acknowledges) in two bytes, signed, a length, and so many bytes of payload. SYN and SYN-ACK come by themselves.
///
/// What must hold: of all that passed no two copies differ, and a server that puts it together in whatever order reads a
/// hello for the allowed name or none at all.
struct HelloGateReplay: ~Copyable {
    private static let agent = AgentID(number: 1)
    private static let agentAddress = IPAddress(v4: 0x0a00_0002)
    private static let server = IPAddress(v4: 0x5db8_d822)
    private static let policy = try? PolicyLoader.load(
        text: "version: 1\nallow:\n  - host: a.example\n    inspect: sni\n", source: "policy"
    ) { name, _ in throw NoFile(name: name) }.compiled()

    private struct NoFile: Error {
        var name: String
    }

    private var plane: PacketPlane
    private var pins = PinTable()
    private var number: UInt32 = 0
    private var held: [UInt32: (offset: Int, bytes: [UInt8])] = [:]
    private var received: [Int: UInt8] = [:]
    /// Where the server's stream starts.
    private var start = 0
    private var isForwarded = false

    private init?() {
        guard let policy = Self.policy, let name = try? HostName("a.example") else { return nil }
        plane = PacketPlane(agent: Self.agent, policy: policy, forwards: true)
        _ = pins.pin([Self.server], to: name, for: Self.agent, timeToLive: 300, at: Timestamp(nanoseconds: 0))
    }

    /// - Returns: what is wrong, or `nil`.
    static func run(_ bytes: [UInt8]) -> String? {
        guard var replay = HelloGateReplay() else { return "no policy" }
        var problem = replay.step(flags: PacketBytes.syn, offset: -1, payload: [])
        problem = problem ?? replay.step(flags: 0x80 | PacketBytes.syn | PacketBytes.ack, offset: 0, payload: [])
        var offset = 0
        while problem == nil, !replay.isForwarded, offset + 4 <= bytes.count {
            let place = Int(Int16(bitPattern: UInt16(bytes[offset + 1]) << 8 | UInt16(bytes[offset + 2])))
            let end = min(bytes.count, offset + 4 + Int(bytes[offset + 3]))
            problem = replay.step(flags: bytes[offset], offset: place, payload: Array(bytes[(offset + 4)..<end]))
            offset = end
        }
        return problem ?? replay.finish()
    }

    private mutating func step(flags: UInt8, offset: Int, payload: [UInt8]) -> String? {
        let isServer = flags & 0x80 != 0
        let place = UInt32(truncatingIfNeeded: offset)
        let serverSequence: UInt32 = .max &- 9 &+ (flags & PacketBytes.syn != 0 ? 0 : 1)
        let packet = isServer
            ? PacketBytes.segment(
                from: Self.server, port: 443, to: Self.agentAddress, port: 9, sequence: serverSequence,
                acknowledgement: UInt32.max &- 3 &+ place, flags: flags & 0x3f, payload: payload)
            : PacketBytes.segment(
                from: Self.agentAddress, port: 9, to: Self.server, port: 443, sequence: UInt32.max &- 3 &+ place,
                acknowledgement: .max &- 8, flags: flags & 0x3f, payload: payload)
        number += 1
        if !isServer { held[number] = (offset, payload) }
        var answers: [UInt8] = []
        let outcome = plane.packet(
            packet.span, queuedAs: number, pins: pins, identifier: 7, at: Timestamp(nanoseconds: 0), answers: &answers)
        switch outcome {
        case .pass(let mark, _):
            isForwarded = mark == .direct
            if flags & PacketBytes.rst != 0 || isServer && flags & PacketBytes.syn != 0 {
                // Another connection, or none.
                received = [:]
                if flags & PacketBytes.syn != 0 { start = offset }
            }
            return give(number, mark, isServer: isServer) ?? check()
        case .refuse, .drop:
            held[number] = nil
            return nil
        case .hold: return isServer ? "holds the server's" : nil
        case .answer, .ask: return "answers"
        case .settle(let settlement):
            for verdict in settlement.verdicts {
                if let problem = give(verdict.packet, verdict.mark, isServer: isServer) { return problem }
            }
            return check()
        }
    }

    private mutating func give(_ packet: UInt32, _ mark: FlowMark?, isServer: Bool) -> String? {
        guard let sent = held.removeValue(forKey: packet) else { return isServer ? nil : "judges a packet twice" }
        guard let mark, mark != .refused else { return nil }
        for (index, byte) in sent.bytes.enumerated() {
            if let other = received[sent.offset + index], other != byte { return "two copies of a byte" }
            received[sent.offset + index] = byte
        }
        return nil
    }

    private func check() -> String? {
        var stream: [UInt8] = []
        while let byte = received[start + stream.count] { stream.append(byte) }
        if let strange = received.keys.first(where: { $0 < start }) { return "a byte before the first: \(strange)" }
        switch ClientHello.parse(stream.span) {
        case .needMore, .malformed: return received.isEmpty ? nil : "lets pass what is no hello"
        case .hello(let hello):
            return hello.serverName.flatMap { try? HostName($0.span) }?.text == "a.example" ? nil : "another name"
        }
    }

    private mutating func finish() -> String? {
        for settlement in plane.expire(at: Timestamp(nanoseconds: .max)) {
            for verdict in settlement.verdicts {
                if verdict.mark != nil, verdict.mark != .refused { return "lets pass what is late" }
                if let problem = give(verdict.packet, nil, isServer: false) { return problem }
            }
        }
        if plane.isJudging { return "keeps a flow for ever" }
        return held.isEmpty ? nil : "forgets a packet in the queue"
    }
}

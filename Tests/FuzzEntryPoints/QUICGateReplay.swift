import GatewayCore
import Policy
import TestSupport
import WireFormats

/// One UDP flow to a host that may speak QUIC, driven by any bytes, and a server that reads what passes.
///
/// The input is a list of datagrams, each behind its length in two bytes. Their protection is played (`QUICBytes`).
///
/// What must hold: of all that passed no two copies of a byte of a connection's handshake differ, and what the server reads
/// of it begins with a hello for the allowed name.
struct QUICGateReplay: ~Copyable {
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
    private var held: [UInt32: [UInt8]] = [:]
    /// Bytes of the handshake by offset, for each connection ID that keys follow from.
    private var received: [[UInt8]: [UInt64: UInt8]] = [:]

    private init?() {
        guard let policy = Self.policy, let name = try? HostName("a.example") else { return nil }
        plane = PacketPlane(agent: AgentID(number: 1), policy: policy, forwards: true, opener: QUICBytes.Opener())
        _ = pins.pin([Self.server], to: name, for: AgentID(number: 1), timeToLive: 300, at: Timestamp(nanoseconds: 0))
    }

    /// - Returns: what is wrong, or `nil`.
    static func run(_ bytes: [UInt8]) -> String? {
        guard var replay = QUICGateReplay() else { return "no policy" }
        var offset = 0
        while let length = bytes.span.bigEndianUInt16(at: offset) {
            let end = min(bytes.count, offset + 2 + Int(length))
            if let problem = replay.step(Array(bytes[(offset + 2)..<end])) { return problem }
            offset = end
        }
        return replay.finish()
    }

    private mutating func step(_ datagram: [UInt8]) -> String? {
        guard let packet = UDPDatagram.packet(
            from: Self.agentAddress, port: 9, to: Self.server, port: 443, payload: datagram)
        else { return "too long" }
        number += 1
        held[number] = datagram
        var answers: [UInt8] = []
        switch plane.packet(
            packet.span, queuedAs: number, pins: pins, identifier: 7, at: Timestamp(nanoseconds: 0), answers: &answers)
        {
        case .pass: return give(number, .direct) ?? check()
        case .refuse, .drop:
            held[number] = nil
            return nil
        case .hold: return nil
        case .answer, .ask: return "answers"
        case .settle(let settlement):
            for verdict in settlement.verdicts {
                if let problem = give(verdict.packet, verdict.mark) { return problem }
            }
            return check()
        }
    }

    private mutating func give(_ packet: UInt32, _ mark: FlowMark?) -> String? {
        guard let datagram = held.removeValue(forKey: packet) else { return "judges a packet twice" }
        guard mark == .direct else { return nil }
        var offset = 0
        while offset < datagram.count, case .long(let header) = QUICLongHeader.read(datagram.span.extracting(offset..<datagram.count)) {
            let bytes = Array(datagram[offset..<(offset + header.end)])
            if header.type == .initial, let problem = read(bytes, header) { return problem }
            offset += header.end
        }
        return nil
    }

    private mutating func read(_ packet: [UInt8], _ header: QUICLongHeader) -> String? {
        let own = Array(packet[header.destinationID])
        var problem: String?
        for identifier in Set(received.keys).union([own]) {
            guard let frames = QUICBytes.Opener().open(
                packet.span, packetNumber: header.packetNumber, version: header.version, connectionID: identifier)
            else { continue }
            var known = received[identifier] ?? [:]
            let isWellFormed = QUICInitialFrames.read(frames.span) { place, range in
                for index in range {
                    let offset = place + UInt64(index - range.lowerBound)
                    if let other = known[offset], other != frames[index] { problem = "two copies of a byte" }
                    known[offset] = frames[index]
                }
            }
            if !isWellFormed { problem = "lets pass what is malformed" }
            received[identifier] = known
        }
        return problem
    }

    private func check() -> String? {
        for known in received.values where !known.isEmpty {
            var stream: [UInt8] = []
            while let byte = known[UInt64(stream.count)] { stream.append(byte) }
            guard case .hello(let hello) = ClientHello.parse(handshake: stream.span) else { return "lets pass what is no hello" }
            guard hello.serverName.flatMap({ try? HostName($0.span) })?.text == "a.example" else { return "another name" }
        }
        return nil
    }

    private mutating func finish() -> String? {
        for settlement in plane.expire(at: Timestamp(nanoseconds: .max)) {
            for verdict in settlement.verdicts {
                if verdict.mark == .direct { return "lets pass what is late" }
                if let problem = give(verdict.packet, nil) { return problem }
            }
        }
        if plane.isJudging { return "keeps a flow for ever" }
        return held.isEmpty ? nil : "forgets a packet in the queue"
    }
}

internal import Policy
internal import WireFormats

/// One UDP flow that carries QUIC of an uninspected host: its connections, as far as their ClientHello (RFC 9000, RFC 9001).
///
/// The agent's first datagrams are held until the hello that they carry is whole and accepted; nothing of the flow has left
/// until then. Several connections can share a flow, and after a Retry the client starts over under another ID, so each
/// Initial is read with the keys of every connection that it could be of. Exactly one must fit: AES-GCM lets a packet be made
/// that opens under two keys (it does not commit to one), and the server could read the other one.
///
/// What follows an accepted hello is read as long as it comes here: bytes of it that are sent again must be the same, and
/// a second hello (after HelloRetryRequest) is judged like the first.
struct QUICFlow: Sendable {
    struct Connection: Sendable {
        /// The Destination Connection ID that its keys follow from.
        let identifier: [UInt8]
        /// The stream of handshake messages.
        var messages = SegmentBuffer(limit: Limits.judgedHelloBytes)
        /// How much of it is accepted.
        var judged = 0
        /// Numbers in the queue, oldest first.
        var held: [UInt32] = []
    }

    /// What becomes of a datagram, and of the flow.
    enum Step: Hashable, Sendable {
        case pass
        case drop
        case hold
        /// Held, and with it a hello is whole: ask, then ``QUICFlow/accept(_:at:)``.
        case judge(ClientHello, connection: Int)
        case refuse(Reason, detail: String?)
    }

    private(set) var connections: [Connection] = []
    private(set) var deadline: Timestamp

    init(at now: Timestamp) {
        deadline = now.advanced(bySeconds: Limits.judgingSeconds)
    }

    var held: [UInt32] { connections.flatMap(\.held) }
    private var hasAccepted: Bool { connections.contains { $0.judged > 0 } }

    /// A datagram from the agent.
    ///
    /// - Parameter mayHold: whether there is room for one more packet in the queue.
    mutating func agentSent(
        _ datagram: Span<UInt8>, queuedAs packet: UInt32, mayHold: Bool, opener: any QUICInitialOpener, at now: Timestamp
    ) -> Step {
        var offset = 0
        var identifier: [UInt8]?
        var current: Int?
        var isNew = false
        reading: while offset < datagram.count {
            let rest = datagram.extracting(offset..<datagram.count)
            switch QUICLongHeader.read(rest) {
            case .malformed: return .refuse(.quicMalformed, detail: nil)
            case .otherVersion(let version): return .refuse(.quicVersion, detail: "version 0x\(String(version, radix: 16))")
            case .short:
                // Without a connection it could be anything; behind a long header it is of its connection, or padding.
                if offset == 0 { return hasAccepted ? .pass : .refuse(.ipProtocolNotAllowed, detail: nil) }
                break reading
            case .long(let header):
                let destination = [UInt8](copying: rest.extracting(header.destinationID))
                // RFC 9000 section 12.2; a server may read the packets of another ID, or not.
                guard identifier == nil || identifier == destination else {
                    return .refuse(.quicMalformed, detail: "packets of two connections in a datagram")
                }
                identifier = destination
                switch header.type {
                case .retry: return .refuse(.quicMalformed, detail: "a Retry from a client")
                case .zeroRTT, .handshake: break
                case .initial:
                    let bytes = rest.extracting(0..<header.end)
                    switch read(bytes, header, destination, opener) {
                    case .frames(let index, let change):
                        guard current == nil || current == index else {
                            return .refuse(.quicMalformed, detail: "packets of two connections in a datagram")
                        }
                        current = index
                        isNew = isNew || change
                    case .refuse(let reason, let detail): return .refuse(reason, detail: detail)
                    }
                }
                offset += header.end
            }
        }
        guard let index = current ?? connections.firstIndex(where: { $0.identifier == identifier }) else {
            // Handshake and 0-RTT packets are no use to a server that has no connection for them.
            return hasAccepted ? .pass : .drop
        }
        return decide(index, packet, isNew: isNew || current == nil, mayHold: mayHold, at: now)
    }

    private enum Reading {
        case frames(connection: Int, change: Bool)
        case refuse(Reason, String?)
    }

    /// Opens an Initial, and puts its CRYPTO frames where they belong.
    private mutating func read(
        _ packet: Span<UInt8>, _ header: QUICLongHeader, _ destination: [UInt8], _ opener: any QUICInitialOpener
    ) -> Reading {
        var found: (index: Int, frames: [UInt8])?
        for index in 0...connections.count {
            let isKnown = index < connections.count
            let identifier = isKnown ? connections[index].identifier : destination
            if !isKnown, connections.contains(where: { $0.identifier == destination }) { continue }
            guard let frames = opener.open(
                packet, packetNumber: header.packetNumber, version: header.version, connectionID: identifier)
            else { continue }
            guard found == nil else { return .refuse(.quicMalformed, "a packet that opens with two keys") }
            found = (index, frames)
        }
        guard let (index, frames) = found else { return .refuse(.quicMalformed, "a packet without its keys") }
        if index == connections.count {
            guard connections.count < Limits.quicConnectionsPerFlow else {
                return .refuse(.ipTooManyFlows, "more than \(Limits.quicConnectionsPerFlow) QUIC connections on one port")
            }
            connections.append(Connection(identifier: destination))
        }
        var hasChanged = false
        var isTooLong = false
        var isNew = false
        let isWellFormed = QUICInitialFrames.read(frames.span) { place, range in
            guard place < UInt64(Limits.judgedHelloBytes), Int(place) + range.count <= Limits.judgedHelloBytes else {
                return isTooLong = true
            }
            switch connections[index].messages.insert(frames.span.extracting(range), at: Int(place)) {
            case .added: isNew = true
            case .nothingNew: break
            case .differs: hasChanged = true
            }
        }
        if !isWellFormed { return .refuse(.quicMalformed, "a frame that has no place in an Initial packet") }
        if hasChanged { return .refuse(.tlsHelloChanged, nil) }
        if isTooLong { return .refuse(.tlsMalformedHello, Self.tooLong) }
        return .frames(connection: index, change: isNew)
    }

    private static var tooLong: String { "the ClientHello is not within the first \(Limits.judgedHelloBytes) bytes" }

    private mutating func decide(
        _ index: Int, _ packet: UInt32, isNew: Bool, mayHold: Bool, at now: Timestamp
    ) -> Step {
        let connection = connections[index]
        if connection.judged > 0, connection.messages.bytes.count == connection.judged {
            deadline = now.advanced(bySeconds: Limits.quicHandshakeSeconds)
            return .pass
        }
        // What is held already is enough; the client sends again what gets lost.
        guard isNew else { return .drop }
        guard mayHold else { return .refuse(.ipTooManyFlows, detail: "too many packets wait for a verdict") }
        guard connection.held.count < Limits.heldDatagramsPerConnection else {
            return .refuse(
                .tlsMalformedHello, detail: "in more than \(Limits.heldDatagramsPerConnection) datagrams")
        }
        connections[index].held.append(packet)
        let prefix = connection.messages.bytes.span.extracting(0..<connection.messages.prefixLength)
        guard prefix.count > connection.judged else { return .hold }
        let message = prefix.extracting(connection.judged..<prefix.count)
        switch ClientHello.parse(handshake: message) {
        case .needMore:
            return prefix.count < Limits.judgedHelloBytes ? .hold : .refuse(.tlsMalformedHello, detail: Self.tooLong)
        case .malformed(let error): return .refuse(.tlsMalformedHello, detail: error.description)
        case .hello(let hello):
            // Nothing else comes before the server has answered.
            let end = connection.judged + 4 + Int(message.bigEndianUInt24(at: 1) ?? 0)
            guard connection.messages.bytes.count == end else {
                return .refuse(.tlsMalformedHello, detail: "bytes follow the ClientHello")
            }
            return .judge(hello, connection: index)
        }
    }

    /// A connection's hello is accepted.
    ///
    /// - Returns: what was held for it, oldest first.
    mutating func accept(_ index: Int, at now: Timestamp) -> [UInt32] {
        guard connections.indices.contains(index) else { return [] }
        deadline = now.advanced(bySeconds: Limits.quicHandshakeSeconds)
        connections[index].judged = connections[index].messages.bytes.count
        defer { connections[index].held = [] }
        return connections[index].held
    }

    /// The flow is refused, or out of time: what is held is dropped, and as if it had not been sent. Accepted hellos stay
    /// known, for the server may have parts of them, which another hello must not complete.
    ///
    /// - Returns: what was held, oldest first.
    mutating func refuse() -> [UInt32] {
        let dropped = held
        connections.removeAll { $0.judged == 0 }
        for index in connections.indices {
            connections[index].held = []
            connections[index].messages.truncate(to: connections[index].judged)
        }
        return dropped
    }
}

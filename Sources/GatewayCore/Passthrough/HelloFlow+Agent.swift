internal import Policy
internal import WireFormats

/// Segments from the agent.
extension HelloFlow {
    /// - Parameter mayHold: whether there is room for one more packet in the queue.
    mutating func agentSent(
        _ header: TCPHeader, _ segment: Span<UInt8>, queuedAs packet: UInt32, mayHold: Bool, at now: Timestamp
    ) -> Step {
        let payload = segment.extracting(header.payload)
        if header.opensConnection { return agentOpens(header, segment, at: now) }
        if header.synchronises || header.resets && !payload.isEmpty { return .drop }
        switch state {
        case .closed: return .drop
        case .forwarded: return .pass(.direct)
        case .opening: return header.resets ? .end : .drop
        case .gathering(var gathering):
            if header.resets { return .end }
            state = .closed
            defer { state = .gathering(gathering) }
            return agentSent(header, payload, queuedAs: packet, mayHold: mayHold, &gathering)
        case .accepted(var accepted):
            if header.resets { return .end }
            state = .closed
            defer { state = .accepted(accepted) }
            return agentSent(header, payload, &accepted)
        }
    }

    /// Whether a SYN can open a flow whose hello is to be judged: data in it (RFC 7413) and MPTCP's mappings of it are
    /// dropped; clients try again without.
    static func canOpen(_ header: TCPHeader, _ segment: Span<UInt8>) -> Bool {
        header.payload.isEmpty && !header.isUrgent && !header.mayHaveOption(30, in: segment)
    }

    private mutating func agentOpens(_ header: TCPHeader, _ segment: Span<UInt8>, at now: Timestamp) -> Step {
        guard Self.canOpen(header, segment) else { return .drop }
        let isSame = header.sequence == initial
        switch state {
        case .opening where isSame:
            deadline = now.advanced(bySeconds: Limits.judgingSeconds)
            return .pass(.judging)
        case .gathering(let gathering) where isSame:
            return gathering.held.isEmpty ? .pass(.judging) : .drop
        case .accepted where isSame:
            return .drop
        case .gathering(let gathering) where !gathering.held.isEmpty:
            return .refuse(.tlsHelloChanged, detail: "opened anew while its first bytes were held")
        case .opening, .gathering, .accepted, .forwarded, .closed:
            return .reopen
        }
    }

    private func agentSent(
        _ header: TCPHeader, _ payload: Span<UInt8>, queuedAs packet: UInt32, mayHold: Bool, _ gathering: inout Gathering
    ) -> Step {
        guard header.acknowledges, gathering.server.hasSent(header.acknowledgement) else { return .drop }
        if header.isUrgent { return .refuse(.tlsMalformedHello, detail: "urgent data") }
        let offset = Self.distance(from: initial &+ 1, to: header.sequence)
        if payload.isEmpty {
            guard header.finishes else { return offset == 0 ? .pass(.judging) : .drop }
            // A client that connects and closes has done nothing; one that stops halfway has.
            return gathering.hello.isEmpty
                ? .refuse(nil, detail: nil) : .refuse(.tlsMalformedHello, detail: "closed before the ClientHello was whole")
        }
        guard offset >= 0, offset < Limits.judgedHelloBytes else { return .refuse(.tlsMalformedHello, detail: Self.tooLong) }
        switch gathering.hello.insert(payload, at: offset) {
        case .differs: return .refuse(.tlsHelloChanged, detail: nil)
        // The first copy is held; one more would leave twice.
        case .nothingNew: return .drop
        case .added: break
        }
        guard mayHold else { return .refuse(.ipTooManyFlows, detail: "too many packets wait for a verdict") }
        guard gathering.held.count < Limits.heldPacketsPerFlow else {
            return .refuse(.tlsMalformedHello, detail: "in more than \(Limits.heldPacketsPerFlow) segments")
        }
        gathering.held.append(packet)
        gathering.agentEnd = max(gathering.agentEnd, offset + payload.count + (header.finishes ? 1 : 0))
        return Self.identify(gathering.hello)
    }

    private static var tooLong: String { "the ClientHello is not within the first \(Limits.judgedHelloBytes) bytes" }

    private static func identify(_ hello: SegmentBuffer) -> Step {
        let prefix = hello.bytes.span.extracting(0..<hello.prefixLength)
        guard let first = prefix.byte(at: 0) else { return .hold }
        guard first == 22 else { return .refuse(.flowProtocolUnknown, detail: nil) }
        switch ClientHello.parse(prefix) {
        case .needMore: return prefix.count < hello.limit ? .hold : .refuse(.tlsMalformedHello, detail: tooLong)
        case .malformed(let error): return .refuse(.tlsMalformedHello, detail: error.description)
        case .hello(let hello): return .judge(hello)
        }
    }

    private func agentSent(_ header: TCPHeader, _ payload: Span<UInt8>, _ accepted: inout Accepted) -> Step {
        guard header.acknowledges, accepted.server.hasSent(header.acknowledgement) else { return .drop }
        if header.isUrgent { return .refuse(.tlsMalformedHello, detail: "urgent data") }
        let offset = Self.distance(from: initial &+ 1, to: header.sequence)
        guard offset >= 0, offset + payload.count <= Limits.unacknowledgedBytes else {
            return payload.isEmpty ? .drop : .refuse(.tlsHelloChanged, detail: "bytes outside of the window")
        }
        guard accepted.hello.agrees(with: payload, at: offset) else { return .refuse(.tlsHelloChanged, detail: nil) }
        accepted.agentEnd = max(accepted.agentEnd, offset + payload.count + (header.finishes ? 1 : 0))
        return .pass(.judging)
    }
}

internal import WireFormats

/// Segments from the server.
extension HelloFlow {
    mutating func serverSent(_ header: TCPHeader, at now: Timestamp) -> Step {
        switch state {
        case .closed:
            return header.acknowledges && !header.resets ? .resetServer(sequence: header.acknowledgement) : .drop
        case .forwarded:
            return .pass(.direct)
        case .opening, .gathering, .accepted:
            break
        }
        guard header.payload.isEmpty || !header.synchronises && !header.resets else { return .drop }
        if header.resets { return .end }
        guard header.acknowledges else { return .drop }
        let acknowledged = Self.distance(from: initial &+ 1, to: header.acknowledgement)
        if header.synchronises { return serverOpens(header, acknowledged, at: now) }
        switch state {
        case .closed, .forwarded: return .drop
        // An answer to an earlier connection's SYN, which the agent resets.
        case .opening: return header.payload.isEmpty ? .pass(.judging) : .drop
        case .gathering(var gathering):
            guard header.payload.isEmpty, acknowledged <= 0 else { return .drop }
            if header.finishes, header.sequence == gathering.server.start {
                gathering.server.end = 1
                state = .gathering(gathering)
            }
            return .pass(.judging)
        case .accepted(var accepted):
            let offset = Self.distance(from: accepted.server.start, to: header.sequence)
            let end = offset + header.payload.count + (header.finishes ? 1 : 0)
            guard acknowledged <= accepted.agentEnd, end <= Limits.unacknowledgedBytes else { return .drop }
            if acknowledged >= accepted.hello.prefixLength {
                state = .forwarded
                deadline = now.advanced(bySeconds: Limits.settledFlowSeconds)
                return .pass(.direct)
            }
            accepted.acknowledged = max(accepted.acknowledged, acknowledged)
            if offset >= 0 { accepted.server.end = max(accepted.server.end, end) }
            state = .accepted(accepted)
            return .pass(.judging)
        }
    }

    private mutating func serverOpens(_ header: TCPHeader, _ acknowledged: Int, at now: Timestamp) -> Step {
        switch state {
        case .opening where acknowledged == 0:
            state = .gathering(Gathering(server: ServerSide(start: header.sequence &+ 1)))
            deadline = now.advanced(bySeconds: Limits.judgingSeconds)
            return .pass(.judging)
        // An answer to an earlier SYN: the agent resets it.
        case .opening:
            return .pass(.judging)
        // The first answer stands: the agent could choose between two otherwise.
        case .gathering(let gathering):
            return acknowledged == 0 && header.sequence &+ 1 == gathering.server.start ? .pass(.judging) : .drop
        case .accepted(let accepted):
            return acknowledged == 0 && header.sequence &+ 1 == accepted.server.start ? .pass(.judging) : .drop
        case .forwarded, .closed:
            return .drop
        }
    }
}

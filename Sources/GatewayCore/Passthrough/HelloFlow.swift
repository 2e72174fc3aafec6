internal import Policy
internal import WireFormats

/// One TCP flow that is let through as far as its ClientHello (RFC 9293; RFC 8446 section 4.1.2).
///
///     opening ──SYN-ACK of this SYN──▶ gathering ──hello complete, accepted──▶ accepted ──its end acknowledged──▶ forwarded
///        │  ▲                             │                                       │
///        │  └─SYN of another number───────┤ (nothing held)                        │
///        └────────── RST, refusal, out of time ───────────────────────────────────┴──▶ closed
///
/// The agent may write its packets by hand, so that the server can get others than those that are seen here: a short
/// hop limit, a wrong checksum or an old timestamp kills a copy on the way. What makes the judged hello the one that is read:
///
/// - Its bytes leave when it is complete and accepted, and until the server has acknowledged them no copy may differ.
/// - Numbers count from the one that the server's SYN-ACK confirms; no other stream can start amid the hello.
/// - The agent's acknowledgements must be of this connection's bytes, so that a SYN cookie of an earlier one is of no use.
/// - Nothing that a receiver could lay out otherwise: no data with a SYN, no urgent data, no MPTCP (RFC 8684) mappings.
///
/// The server does not speak before a TLS client: what it sends before the hello is accepted is dropped, but for
/// segments without payload.
struct HelloFlow: Sendable {
    enum State: Sendable {
        /// The SYN has passed.
        case opening
        case gathering(Gathering)
        case accepted(Accepted)
        /// The kernel forwards it. Kept a moment, for packets that were in the queue before the mark was set.
        case forwarded
        /// Reset or refused. Kept a moment, for packets that were on their way.
        case closed
    }

    struct Gathering: Sendable {
        var server: ServerSide
        var hello = SegmentBuffer(limit: Limits.judgedHelloBytes)
        /// Numbers in the queue, oldest first.
        var held: [UInt32] = []
        /// Where the last of what is held ends, FIN included.
        var agentEnd = 0
    }

    struct Accepted: Sendable {
        var server: ServerSide
        var hello: SegmentBuffer
        var agentEnd: Int
        /// What of the agent's bytes the server has acknowledged.
        var acknowledged = 0
    }

    /// The server's sequence numbers.
    struct ServerSide: Sendable {
        /// Of the byte after its SYN.
        var start: UInt32
        /// Where what has passed ends, FIN included, counted from there.
        var end = 0

        func hasSent(_ acknowledgement: UInt32) -> Bool { (0...end).contains(distance(from: start, to: acknowledgement)) }
    }

    /// What becomes of a packet, and of the flow.
    enum Step: Hashable, Sendable {
        case pass(FlowMark)
        case drop
        case hold
        /// Held, and with it the hello is whole: ask, then ``HelloFlow/accept(at:)`` or ``HelloFlow/close(at:)``.
        case judge(ClientHello)
        /// Without a reason it is not worth a line in the log.
        case refuse(Reason?, detail: String?)
        /// The packet passes, what is held is dropped, the flow is over.
        case end
        /// Drop it, and tell the server with a reset of this number that nobody is there.
        case resetServer(sequence: UInt32)
        /// A SYN that opens the flow anew: judge it like any other.
        case reopen
    }

    /// The agent's initial sequence number.
    let initial: UInt32
    var state = State.opening
    var deadline: Timestamp

    init(initial: UInt32, at now: Timestamp) {
        self.initial = initial
        deadline = now.advanced(bySeconds: Limits.judgingSeconds)
    }

    var heldCount: Int {
        guard case .gathering(let gathering) = state else { return 0 }
        return gathering.held.count
    }

    /// Signed distance on the circle of sequence numbers (RFC 9293 section 3.4).
    static func distance(from start: UInt32, to number: UInt32) -> Int {
        Int(Int32(bitPattern: number &- start))
    }

    // The end of judging

    /// The hello is accepted.
    ///
    /// - Returns: what was held, oldest first.
    mutating func accept(at now: Timestamp) -> [UInt32] {
        guard case .gathering(let gathering) = state else { return [] }
        state = .accepted(
            Accepted(server: gathering.server, hello: gathering.hello, agentEnd: gathering.agentEnd))
        deadline = now.advanced(bySeconds: Limits.acknowledgementSeconds)
        return gathering.held
    }

    /// What it takes to end a flow at both ends.
    struct Ending: Hashable, Sendable {
        /// Oldest first.
        var held: [UInt32] = []
        /// What the server expects next, as far as is known; `nil` when it has no connection.
        var agentNext: UInt32?
        /// What the agent expects next.
        var serverNext: UInt32?
        /// Whether the server was given the hello.
        var isAccepted = false
        /// Whether anything was there that ends.
        var isOpen = true
        var hasBytes = false
    }

    mutating func close(at now: Timestamp) -> Ending {
        defer {
            state = .closed
            deadline = now.advanced(bySeconds: Limits.settledFlowSeconds)
        }
        switch state {
        case .opening:
            return Ending()
        case .gathering(let gathering):
            return Ending(
                held: gathering.held, agentNext: initial &+ 1,
                serverNext: gathering.server.start &+ UInt32(truncatingIfNeeded: gathering.server.end),
                hasBytes: !gathering.hello.isEmpty)
        case .accepted(let accepted):
            return Ending(
                agentNext: initial &+ 1 &+ UInt32(truncatingIfNeeded: accepted.acknowledged),
                serverNext: accepted.server.start &+ UInt32(truncatingIfNeeded: accepted.server.end),
                isAccepted: true, hasBytes: true)
        case .forwarded, .closed:
            return Ending(isOpen: false)
        }
    }
}

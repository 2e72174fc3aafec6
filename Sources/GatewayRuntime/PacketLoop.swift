internal import GatewayCore
internal import Glibc
internal import LinuxKernel
internal import NIOPosix
internal import Policy
internal import Synchronization
internal import TLSInterception
internal import WireFormats

/// The packets role: one thread that reads the queue, asks resolvers and answers, and owns the packet plane's state.
///
/// It runs in the host's network namespace, from where resolvers are reached; its queue and raw sockets were opened in the
/// gateway's.
final class PacketLoop: Sendable {
    private let queue: Mutex<PacketQueue?>
    private let sender: RawPacketSender
    private let pins: PinStore
    private let names: NameMailbox
    private let recorder: any RecordSink
    private let resolvers: ResolverList
    private let agent: AgentID
    private let policy: CompiledPolicy
    private let seal: AgentSeal
    /// The third byte of its marks: which of a table's agents it judges for.
    private let scope: UInt8
    private let forwards: Bool

    /// - Parameter forwards: as for the packet plane: whether the ruleset has a way past the proxy.
    init(
        agent: AgentID, policy: CompiledPolicy, seal: AgentSeal, pins: PinStore, names: NameMailbox, recorder: any RecordSink,
        resolvers: ResolverList, queue: consuming sending PacketQueue, sender: consuming RawPacketSender,
        scope: UInt8 = 0, forwards: Bool = false
    ) {
        self.queue = Mutex(queue)
        self.sender = sender
        self.agent = agent
        self.policy = policy
        self.seal = seal
        self.pins = pins
        self.names = names
        self.recorder = recorder
        self.resolvers = resolvers
        self.scope = scope
        self.forwards = forwards
    }

    /// Starts the packets thread. When the queue fails the process ends: nothing passes a queue that nobody reads.
    func start() {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        pool.submit { [self] _ in
            do {
                try run()
            } catch {
                try? LineOutput.standardError.write("portcullis: \(error): the gateway stops, and its agents' traffic with it\n")
                exit(125)
            }
        }
    }

    /// Judges packets until the process ends.
    ///
    /// - Throws: when the queue itself fails. The caller must end the process: nothing passes an unread queue.
    func run() throws(SystemCallError) {
        guard var queue = queue.withLock({ $0.take() }) else { return }
        var state = State(plane: PacketPlane(
            agent: agent, policy: policy, forwards: forwards, opener: forwards ? InitialOpener() : nil))
        var poll = EventPoll()
        while true {
            if state.exchanges.isEmpty, !state.plane.isJudging, !state.plane.expectsStreams {
                // Nothing else can happen: one system call less a packet.
                try serve(&queue, &state, blocks: true)
                continue
            }
            poll.removeAll()
            poll.watch(queue.pollDescriptor)
            poll.watch(names.pollDescriptor)
            for exchange in state.exchanges {
                poll.watch(exchange.pollDescriptor, forWriting: exchange.wantsToWrite)
            }
            let isTimed = !state.exchanges.isEmpty || state.plane.isJudging
            try poll.wait(milliseconds: isTimed ? 250 : -1)
            let asked = state.exchanges.count
            if poll.isReady(at: 0) { try serve(&queue, &state, blocks: false) }
            if poll.isReady(at: 1) {
                for query in names.takeAll() { judge(query, &state) }
            }
            for index in 0..<asked where poll.isReady(at: index + 2) { hear(state.exchanges[index], &state) }
            expire(&state)
            try giveVerdicts(&state, &queue)
        }
    }

    /// Judges the packets that wait: all of them first, then their decisions are recorded together, then carried out.
    private func serve(_ queue: inout PacketQueue, _ state: inout State, blocks: Bool) throws(SystemCallError) {
        let count = try queue.receive(blocks: blocks)
        for index in 0..<count {
            queue.withPacket(index) { number, bytes in
                let verdict = judge(bytes, queuedAs: number, &state)
                state.judged.append((number, verdict))
            }
        }
        record(&state)
        for (packet, verdict) in state.judged { try queue.answer(packet, sealed(verdict)) }
        state.judged.removeAll(keepingCapacity: true)
        try giveVerdicts(&state, &queue)
    }

    /// Records what was judged since the last time. What cannot be recorded is dropped, and not answered.
    private func record(_ state: inout State) {
        guard !state.decisions.isEmpty else { return }
        do {
            try recorder.record(state.decisions)
            if !seal.isSealed { sender.send(state.answers, ends: state.answerEnds) }
        } catch {
            for index in state.judged.indices { state.judged[index].verdict = .drop }
        }
        state.decisions.removeAll(keepingCapacity: true)
        state.answers.removeAll(keepingCapacity: true)
        state.answerEnds.removeAll(keepingCapacity: true)
    }

    private static var now: Timestamp { Timestamp(nanoseconds: MonotonicClock.nanoseconds) }

    /// - Returns: the verdict, once the decision in ``State/decisions`` is recorded.
    private func judge(_ bytes: Span<UInt8>, queuedAs queued: UInt32, _ state: inout State) -> PacketVerdict {
        let outcome = pins.read { table in
            state.plane.packet(
                bytes, queuedAs: queued, pins: table, identifier: state.identifier, at: Self.now, answers: &state.answers)
        }
        switch outcome {
        case .pass(let mark, let decision):
            if let decision { state.decisions.append(decision) }
            return .accept(mark: mark.value(inScope: scope))
        case .refuse(let decision):
            state.decisions.append(decision)
            return .accept(mark: FlowMark.refused.value(inScope: scope))
        case .drop(let decision):
            if let decision { state.decisions.append(decision) }
            return .drop
        case .answer(let decision):
            state.decisions.append(decision)
            state.answerEnds.append(UInt32(state.answers.count))
            return .drop
        case .ask(let question):
            state.refreshIdentifier()
            ask(question, &state)
            return .drop
        case .hold:
            return .hold
        case .settle(let settlement):
            settle(settlement, &state)
            return .hold
        }
    }

    /// A query that came over TCP. Like packets: recorded first, and what cannot be recorded is not answered.
    private func judge(_ query: NameMailbox.Query, _ state: inout State) {
        let stream = state.nextStream
        state.nextStream += 1
        state.streams[stream] = query.answer
        let outcome = state.plane.streamQuery(
            query.message.span, stream: stream, identifier: state.identifier, at: Self.now)
        switch outcome {
        case .reply(let reply, let decision): deliver(reply, decision, &state)
        case .drop(let decision):
            _ = recorded(decision)
            state.streams.removeValue(forKey: stream)?(.nothing)
        case .ask(let question):
            state.refreshIdentifier()
            ask(question, &state)
        }
    }

    private func deliver(_ reply: NameReply, _ decision: Decision, _ state: inout State) {
        let isRecorded = recorded(decision)
        switch reply {
        case .packet:
            if isRecorded { send(state.late) }
        case .message(let message, let stream, let isLast):
            state.streams.removeValue(forKey: stream)?(isRecorded ? .message(message, isLast: isLast) : .nothing)
        }
    }

    private func settle(_ settlement: FlowSettlement, _ state: inout State) {
        let isRecorded = recorded(settlement.decision)
        if !isRecorded {
            for packet in state.plane.withdraw(settlement.flow, at: Self.now) { state.verdicts.append((packet, .drop)) }
        }
        for held in settlement.verdicts {
            let mark = isRecorded ? held.mark : nil
            state.verdicts.append((held.packet, mark.map { .accept(mark: $0.value(inScope: scope)) } ?? .drop))
        }
        for packet in settlement.packets { send(packet) }
    }

    private func giveVerdicts(_ state: inout State, _ queue: inout PacketQueue) throws(SystemCallError) {
        for (packet, verdict) in state.verdicts { try queue.answer(packet, sealed(verdict)) }
        state.verdicts.removeAll(keepingCapacity: true)
        try queue.flush()
    }

    /// Nothing is accepted once the agent is sealed, though the kernel would drop it all the same. What is held is dropped
    /// when its time is up.
    private func sealed(_ verdict: PacketVerdict) -> PacketVerdict {
        guard case .accept = verdict, seal.isSealed else { return verdict }
        return .drop
    }

    private func recorded(_ decision: Decision?) -> Bool {
        guard let decision else { return true }
        do {
            try recorder.record(decision)
            return true
        } catch {
            return false
        }
    }

    private func send(_ packet: [UInt8]) {
        guard !seal.isSealed, let header = IPPacket(packet.span) else { return }
        // A full link loses the answer; the agent asks again.
        try? sender.send(packet, to: header.destination)
    }

    private func ask(_ question: ResolverQuestion, _ state: inout State) {
        let exchange = ResolverExchange(
            question: question, resolvers: resolvers.current, mark: seal.servedMark, startedAt: Self.now)
        if !seal.isSealed, exchange.askNext() {
            state.exchanges.append(exchange)
        } else {
            fail(exchange, &state)
        }
    }

    private func fail(_ exchange: ResolverExchange, _ state: inout State) {
        state.late.removeAll(keepingCapacity: true)
        let outcome = state.plane.resolverFailed(
            token: exchange.question.token, detail: exchange.failure, answers: &state.late)
        finish(outcome, &state)
    }

    private func hear(_ exchange: ResolverExchange, _ state: inout State) {
        guard let bytes = exchange.receive() else { return }
        state.late.removeAll(keepingCapacity: true)
        let outcome = pins.update { table in
            state.plane.resolverAnswered(
                bytes.span, token: exchange.question.token, pins: &table, at: Self.now, answers: &state.late)
        }
        switch outcome {
        case .ignore: break
        case .askOverTCP: exchange.askOverTCP()
        case .askNext(let reason): exchange.giveUpOnResolver(because: reason)
        case .answer:
            exchange.isDone = true
            finish(outcome, &state)
        }
    }

    private func expire(_ state: inout State) {
        let now = Self.now
        for exchange in state.exchanges where !exchange.isDone && !exchange.goOn(at: now) {
            exchange.isDone = true
            fail(exchange, &state)
        }
        state.exchanges.removeAll { $0.isDone }
        guard state.plane.isJudging, now.nanoseconds - state.checkedAt.nanoseconds >= 250_000_000 else { return }
        state.checkedAt = now
        for settlement in state.plane.expire(at: now) { settle(settlement, &state) }
    }

    private func finish(_ outcome: ResolverOutcome, _ state: inout State) {
        if case .answer(let reply, let decision) = outcome { deliver(reply, decision, &state) }
    }
}

internal import GatewayCore
internal import Glibc
internal import LinuxKernel
internal import Policy

/// The kill switch of a gateway: one thread that everything comes to which seals or raises an agent. What is done is
/// ``SealMachine``'s to say, for each agent; this carries it out.
///
///     signal ─────────┐
///     sentinel, files ┤                  ┌─▶ seal tables: one message for everybody
///     orders ─────────┼─▶ SealMachine ───┼─▶ seal records
///     ruleset changes ┤                  ├─▶ connections, flows
///     heartbeat ──────┘                  └─▶ the log
///
/// Confined to the thread that calls ``run()``.
final class KillSwitch {
    private let agents: [SealedAgent]
    private let rules: KillSwitchRules
    private let recorder: any RecordSink
    private let orders: SealOrders
    private let store = SealStore.standard
    private let parts: KillSwitchParts
    private var lease: HeartbeatLease?
    /// Nobody is raised while it is there.
    private var hasSentinel: Bool
    /// This thread's number as the kernel tells it with changes of the ruleset; `nil` where it does not.
    private var ownThread: UInt32?

    init(
        agents: [SealedAgent], rules: KillSwitchRules, recorder: any RecordSink, orders: SealOrders, parts: KillSwitchParts
    ) {
        self.agents = agents
        self.rules = rules
        self.recorder = recorder
        self.orders = orders
        self.parts = parts
        hasSentinel = parts.hasSentinel
        lease = rules.heartbeatLostSeconds.map { HeartbeatLease(seconds: $0, startedAt: Self.now) }
    }

    /// Serves until a signal comes that is none of its own.
    ///
    /// - Returns: that signal.
    func run() throws -> Int32 {
        ownThread = try parts.ownThread()
        for index in agents.indices where store.isSealed(agents[index].name) {
            handle(.restored(seal(of: agents[index]), at: Self.wall), agent: index)
        }
        if parts.hasSentinel { sealAll(.sentinel, "\(parts.sentinel.folder)/\(parts.sentinel.name) was there at the start") }
        var poll = EventPoll()
        while true {
            poll.removeAll()
            poll.watch(parts.signals.pollDescriptor)
            poll.watch(orders.pollDescriptor)
            poll.watch(parts.folders.pollDescriptor)
            for watch in parts.watches { poll.watch(watch.pollDescriptor) }
            try poll.wait(milliseconds: Limits.watchMilliseconds)
            if poll.isReady(at: 0), let signal = hearSignals() { return signal }
            if poll.isReady(at: 1) { for order in orders.takeAll() { carryOut(order) } }
            if poll.isReady(at: 2) { hearFolders(try parts.folders.read()) }
            for index in parts.watches.indices where poll.isReady(at: 3 + index) { try hearRuleset(index) }
            if let lost = lease, lost.isLost(at: Self.now) {
                // Until it is renewed; a seal says so once.
                lease = nil
                sealAll(.heartbeatLost, "nobody renewed the lease in time")
            }
            try parts.tend()
        }
    }

    // MARK: Triggers

    private func hearSignals() -> Int32? {
        while let (signal, user) = parts.signals.next() {
            guard signal == parts.sealSignal else { return signal }
            sealAll(.signal, "signal \(signal)", user: user)
        }
        return nil
    }

    private func carryOut(_ order: SealOrders.Order) {
        switch order {
        case .seal(nil, let cause): sealAll(cause, isCut: cutAll())
        case .seal(let agent?, let cause):
            guard let index = agents.firstIndex(where: { $0.id == agent }) else { return }
            handle(.trigger(cause), agent: index, isCut: cut(agents[index]))
        case .raise where hasSentinel: return
        case .raise(let agent, let cause):
            for index in agents.indices where agent == nil || agents[index].id == agent { handle(.raise(cause), agent: index) }
        case .heartbeat(let seconds):
            guard let full = rules.heartbeatLostSeconds else { return }
            var renewed = lease ?? HeartbeatLease(seconds: full, startedAt: Self.now)
            renewed.renew(forSeconds: seconds, at: Self.now)
            lease = renewed
        }
    }

    /// - Parameter events: `nil` where some are missing.
    private func hearFolders(_ events: [FolderWatch.Event]?) {
        for event in events ?? [] where event.folder == parts.sentinel.folder && event.name == parts.sentinel.name {
            hasSentinel = event.hasCome
            if event.hasCome { sealAll(.sentinel, "\(event.folder)/\(event.name)") }
        }
        // Whether it has come meanwhile cannot be looked up by an account that may not look into its folder.
        if events == nil { sealAll(.sentinel, "it may have come: too much happened around it to tell") }
        guard events?.contains(where: { $0.folder == store.folder }) ?? true else { return }
        // A record is the seal, whoever wrote it; one that is gone has been raised.
        for (index, agent) in agents.enumerated() {
            let isRecorded = store.isSealed(agent.name)
            if isRecorded, agent.box.machine.isOpen {
                handle(.trigger(seal(of: agent).cause), agent: index)
            } else if !isRecorded, !agent.box.machine.isOpen {
                handle(.recordRemoved, agent: index)
            }
        }
    }

    private func hearRuleset(_ index: Int) throws {
        switch try parts.watches[index].read() {
        case .overrun: lookAtAll(index)
        case .changes(let changes):
            for change in changes where ownThread == nil || change.thread != ownThread {
                let isOurs = change.tables.contains("portcullis")
                let seals = agents.indices.filter { place(of: $0, index).map { change.tables.contains($0.record.table) } ?? false }
                for agent in seals { lookAt(agent, index) }
                if isOurs { tampered("the gateway's table was changed by thread \(change.thread ?? 0)") }
            }
        }
    }

    /// More was changed than was heard of.
    private func lookAtAll(_ index: Int) {
        for agent in agents.indices { lookAt(agent, index) }
        if !parts.isRulesetAsLoaded() { tampered("the gateway's table is not as it was loaded") }
    }

    private func place(of agent: Int, _ watch: Int) -> SealPlace? {
        agents[agent].places.first { $0.record.namespace == parts.watches[watch].namespace }
    }

    /// Somebody else has changed an agent's seal.
    private func lookAt(_ agent: Int, _ watch: Int) {
        guard let place = place(of: agent, watch) else { return }
        let name = agents[agent].name
        do {
            let isAwake = try place.isAwake()
            let isAsLoaded = try place.isAsLoaded()
            if isAwake == nil || !isAsLoaded {
                guard rules.rulesetTampered || store.isSealed(name) else {
                    return try place.reload(isAsleep: true)
                }
                // Where it cannot be made anew it can still be woken, if it is there.
                try? place.reload(isAsleep: false)
                handle(.trigger(cause(.rulesetTampered, "the seal table was changed")), agent: agent)
            } else if isAwake == true {
                handle(.kernelSaysSealed(record: store.record(of: name), at: Self.wall), agent: agent)
            } else {
                handle(.kernelSaysOpen(isRecorded: store.isSealed(name), at: Self.wall), agent: agent)
            }
        } catch {
            handle(.trigger(cause(.rulesetTampered, "the seal table cannot be read: \(error)")), agent: agent)
        }
    }

    private func tampered(_ words: String) {
        if rules.rulesetTampered { sealAll(.rulesetTampered, words) }
        do {
            try parts.restore()
            // Where the own thread is not known, what was just done must not be taken for somebody else's doing.
            if ownThread == nil { for watch in parts.watches { _ = try watch.read() } }
        } catch {
            sealAll(.rulesetTampered, "\(words), and cannot be put right: \(error)")
        }
    }

    // MARK: Sealing

    private func sealAll(_ code: SealCause.Code, _ words: @autoclosure () -> String, user: UInt32? = nil) {
        let isCut = cutAll()
        sealAll(SealCause(code, reason: words(), uid: user, at: Self.wall), isCut: isCut)
    }

    private func sealAll(_ cause: SealCause, isCut: Bool) {
        for index in agents.indices { handle(.trigger(cause), agent: index, isCut: isCut) }
    }

    /// What every seal begins with, before a word is made up about it: one message for each namespace.
    private func cutAll() -> Bool {
        for agent in agents { agent.seal.isSealed = true }
        return parts.wakeAll()
    }

    /// The same for one agent.
    private func cut(_ agent: SealedAgent) -> Bool {
        agent.seal.isSealed = true
        var isWhole = true
        for place in agent.places {
            do { try place.wake() } catch { isWhole = false }
        }
        return isWhole
    }

    /// - Parameter isCut: the kernel has sealed the agent already.
    private func handle(_ event: SealEvent, agent index: Int, isCut: Bool = false) {
        var events = [event]
        while let event = events.first {
            events.removeFirst()
            for command in agents[index].box.machine.handle(event) {
                guard carryOut(command, agents[index], isCut: isCut, &events) else { break }
            }
        }
    }

    /// - Parameter events: what came of it.
    /// - Returns: false when the commands behind this one are not to be carried out.
    private func carryOut(_ command: SealCommand, _ agent: SealedAgent, isCut: Bool, _ events: inout [SealEvent]) -> Bool {
        switch command {
        case .stopAccepting: agent.seal.isSealed = true
        case .sealKernel:
            do {
                if !isCut { for place in agent.places { try place.wake() } }
                events.append(.kernelSaysSealed(record: store.record(of: agent.name), at: Self.wall))
            } catch {
                events.append(.sealFailed(error: (error as? SystemCallError)?.number ?? EIO, at: Self.wall))
            }
        case .persist(let record):
            do {
                try store.save(record)
            } catch {
                events.append(.persistFailed(error: error.number, at: Self.wall))
            }
        // Without connections and flows there is nothing that goes on, and what is new waits in a queue that accepts
        // nothing.
        case .closeConnections, .withdraw: closeConnections(agent)
        case .record(let decision): try? recorder.record(decision)
        case .recordRaise(let decision):
            do {
                try recorder.record(decision)
            } catch {
                events.append(.raiseFailed)
                return false
            }
        case .removeRecord:
            do {
                _ = try store.remove(agent.name)
            } catch {
                events.append(.raiseFailed)
                return false
            }
        case .openKernel:
            do {
                for place in agent.places { try place.putToSleep() }
                events.append(.kernelSaysOpen(isRecorded: store.isSealed(agent.name), at: Self.wall))
            } catch {
                events.append(.raiseFailed)
                return false
            }
        case .startAccepting: agent.seal.isSealed = false
        }
        return true
    }

    private func closeConnections(_ agent: SealedAgent) {
        // The agent's side first: its reset is translated back by what is forgotten next.
        for place in agent.places { try? place.endConnections(marked: agent.seal.servedMark) }
        _ = try? parts.hostSockets.end(.mark(agent.seal.servedMark))
        for place in agent.places { try? place.forgetFlows(agent.flows) }
    }

    // MARK: Facts

    private func seal(of agent: SealedAgent) -> SealRecord {
        store.record(of: agent.name) ?? store.record(of: SealStore.everybody)
            ?? SealRecord(agent: agent.name, cause: cause(.unknown, ""))
    }

    private func cause(_ code: SealCause.Code, _ words: String) -> SealCause { SealCause(code, reason: words, at: Self.wall) }

    private static var now: Timestamp { Timestamp(nanoseconds: MonotonicClock.nanoseconds) }
    private static var wall: UInt64 { MonotonicClock.wallNanoseconds }
}

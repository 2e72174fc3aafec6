internal import Policy

/// The kill switch of one agent.
///
///              trigger, restored,
///              kernelSaysSealed by others         kernelSaysSealed
///       open ─────────────────────────▶ sealing ──────────────────▶ sealed
///        ▲                               ▲ │ ▲                        │
///        │ kernelSaysOpen,               │ │ └── trigger, restored, ──┤
///        │ record gone                   │ │     kernelSaysOpen with  │
///        │                               │ │     the record           │
///     raising ─── trigger, raiseFailed, ─┘ │                          │
///        ▲        kernelSaysOpen with      │ sealFailed,              │
///        │        the record               ▼ persistFailed            │
///        │                              withdrawn ◀───────────────────┤
///        │                                 │ (a trigger seals anew)   │
///        └── recordRemoved, raise ─────────┴──────────────────────────┘
///
/// What holds whatever happens in whatever order:
///
/// - The cut comes first. Every seal begins with ``SealCommand/stopAccepting`` and ``SealCommand/sealKernel``; what is
///   written and recorded comes after it, for a full disk must not hold up a kill. In this order, since a packet that was
///   accepted just before the table wakes could pass it.
/// - Every trigger seals, whatever state this machine believes the agent is in: waking a table that is awake costs
///   microseconds and changes nothing.
/// - An open table is believed only without a seal record. With one, somebody has tampered, and it is sealed again.
/// - Where the kernel does not seal, or the seal cannot be kept, the queue is closed: packets nobody reads are dropped.
/// - A raise is the other way around: recorded first, and what cannot be recorded is sealed again.
///
/// It believes what it is told, so whoever tells looks first: at the table, and at the record.
package struct SealMachine: ~Copyable {
    private enum State {
        case open
        /// The kernel has been told.
        case sealing(SealRecord)
        case sealed(SealRecord)
        /// The kernel refused, or nothing could be written: sealed by nobody's reading the queue. Without a record only the
        /// control socket raises it: a table that sleeps could be anybody's doing.
        case withdrawn(SealRecord)
        /// The record is gone, or about to be; the table is awake until it is put to sleep.
        case raising(SealRecord)
    }

    private let agent: String
    private let id: AgentID
    private var state = State.open

    /// - Parameters:
    ///   - agent: its name in the policy.
    ///   - id: for the record.
    package init(agent: String, id: AgentID) {
        self.agent = agent
        self.id = id
    }

    /// Whether the agent's traffic may be judged at all.
    package var isOpen: Bool {
        switch state {
        case .open: true
        case .sealing, .sealed, .withdrawn, .raising: false
        }
    }

    /// The seal, as far as it is known; `nil` while there is none.
    package var seal: SealRecord? {
        switch state {
        case .open: nil
        case .sealing(let seal), .sealed(let seal), .withdrawn(let seal), .raising(let seal): seal
        }
    }

    package mutating func handle(_ event: SealEvent) -> [SealCommand] {
        switch event {
        case .trigger(let cause): trigger(cause)
        case .restored(let record, let at): restore(record, at: at)
        case .kernelSaysSealed(let record, let at): kernelSealed(record, at: at)
        case .kernelSaysOpen(let isRecorded, let at): kernelOpened(isRecorded: isRecorded, at: at)
        case .sealFailed(let error, let at): withdraw(because: "the kernel refused the seal: error \(error)", at: at)
        case .persistFailed(let error, let at): withdraw(because: "the seal could not be written: error \(error)", at: at)
        case .recordRemoved: recordRemoved()
        case .raise(let order): raise(order)
        case .raiseFailed: raiseFailed()
        }
    }

    // Sealing

    private mutating func trigger(_ cause: SealCause) -> [SealCommand] {
        switch state {
        // Whoever is being raised is sealed anew, with a first cause of its own.
        case .open, .raising: begin(SealRecord(agent: agent, cause: cause), cause)
        case .sealing(let seal), .sealed(let seal), .withdrawn(let seal): again(seal, cause)
        }
    }

    private mutating func restore(_ record: SealRecord, at: UInt64) -> [SealCommand] {
        var seal = seal.map { record.joined(to: $0) } ?? record
        let cause = SealCause(.restored, at: at)
        seal.add(cause)
        return begin(seal, cause)
    }

    private mutating func kernelSealed(_ record: SealRecord?, at: UInt64) -> [SealCommand] {
        switch state {
        case .open, .raising:
            // Somebody else's doing. Who it was writes a record, soon if not yet.
            let seal = record ?? SealRecord(agent: agent, cause: SealCause(.unknown, reason: "the seal table was woken", at: at))
            return begin(seal, seal.cause)
        case .sealing(let seal):
            state = .sealed(record.map { seal.joined(to: $0) } ?? seal)
            return []
        case .sealed(let seal):
            if let record {
                state = .sealed(seal.joined(to: record))
                return []
            }
            // Its record is gone, and somebody sealed it all the same: a raise and a drop at once. It stays sealed.
            return cut(seal)
        case .withdrawn:
            // That it is awake does not tell that it will be after a restart.
            return []
        }
    }

    /// The whole seal, in the order that the kill switch is about.
    private mutating func begin(_ seal: SealRecord, _ cause: SealCause) -> [SealCommand] {
        cut(seal) + [.record(decision(cause))]
    }

    /// The same for an agent that is sealed already. The record is written anew, for a raise may just have removed it; what says
    /// nothing new is not recorded, for a trigger that fires without end would fill the disk.
    private mutating func again(_ seal: SealRecord, _ cause: SealCause) -> [SealCommand] {
        var seal = seal
        let isNew = seal.add(cause)
        return cut(seal) + (isNew ? [.record(decision(cause))] : [])
    }

    private mutating func cut(_ seal: SealRecord) -> [SealCommand] {
        state = .sealing(seal)
        return [.stopAccepting, .sealKernel, .persist(seal), .closeConnections]
    }

    // Where it fails

    private mutating func withdraw(because words: String, at: UInt64) -> [SealCommand] {
        switch state {
        case .open, .raising:
            // Of a seal that is over. Whatever it was, it did not hold.
            return trigger(SealCause(.serviceFailed, reason: words, at: at))
        case .sealing(var seal), .sealed(var seal), .withdrawn(var seal):
            let cause = SealCause(.serviceFailed, reason: words, at: at)
            let isNew = seal.add(cause)
            state = .withdrawn(seal)
            let cut: [SealCommand] = [.stopAccepting, .withdraw, .closeConnections]
            return isNew ? cut + [.record(decision(cause))] : cut
        }
    }

    private mutating func kernelOpened(isRecorded: Bool, at: UInt64) -> [SealCommand] {
        let cause = SealCause(.rulesetTampered, reason: "the seal table was put to sleep or removed", at: at)
        switch state {
        case .open where !isRecorded: return []
        // Raised by somebody, of whom nobody has told yet.
        case .sealed where !isRecorded: return recordRemoved() + [.openKernel]
        case .raising where !isRecorded:
            state = .open
            return [.startAccepting]
        // It was opened against its record, or before it was sealed at all.
        case .open, .raising: return begin(SealRecord(agent: agent, cause: cause), cause)
        case .sealing(let seal), .sealed(let seal), .withdrawn(let seal): return again(seal, cause)
        }
    }

    // Raising

    private mutating func recordRemoved() -> [SealCommand] {
        switch state {
        case .open, .raising: return []
        case .sealing(let seal), .sealed(let seal):
            // The table is put to sleep by who removed the record; until then it holds.
            state = .raising(seal)
            return [.recordRaise(raised("the seal record was removed"))]
        case .withdrawn(let seal):
            // It may never have been awake, so that nobody will tell that it sleeps: it is put to sleep here.
            state = .raising(seal)
            return [.recordRaise(raised("the seal record was removed")), .openKernel]
        }
    }

    private mutating func raise(_ order: SealCause) -> [SealCommand] {
        guard let seal else { return [] }
        state = .raising(seal)
        return [.recordRaise(raised("\(order)")), .removeRecord, .openKernel]
    }

    private mutating func raiseFailed() -> [SealCommand] {
        guard case .raising(let seal) = state else { return [] }
        return begin(seal, seal.cause)
    }

    // Words

    private func decision(_ cause: SealCause) -> Decision {
        Decision(
            stage: .kill, agent: id, denial: Denial(reason: .killSealed, subject: agent), detail: cause.description)
    }

    private func raised(_ words: String) -> Decision {
        Decision(stage: .kill, action: .allow, agent: id, subject: agent, detail: "raised: \(words)")
    }
}

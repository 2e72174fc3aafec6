import GatewayCore
import Policy
import TestSupport
import Testing

@Suite("Seal machine")
struct SealMachineTests {
    private static let drop = SealCause(.command, reason: "it mails the customers", uid: 0, at: 10)
    private static let lost = SealCause(.heartbeatLost, at: 20)
    private static let order = SealCause(.control, reason: "it was a test", uid: 7, at: 99)
    private static let written = SealRecord(agent: "claude", cause: drop)

    /// One whole life: sealed by a trigger, raised over the control socket.
    @Test func sealsAndIsRaised() {
        var book = SealPlaybook()
        book.when(.trigger(Self.drop))
        book.expect("stop, seal, persist command, close, record command by uid 0: it mails the customers")
        book.when(.kernelSaysSealed(record: nil, at: 11))
        book.expect("")
        book.when(.raise(Self.order))
        book.expect("recordRaise raised: control by uid 7: it was a test, remove, open")
        book.when(.kernelSaysOpen(isRecorded: false, at: 100))
        book.expect("start", isOpen: true)
        let seal = book.machine.seal
        #expect(seal == nil)
    }

    @Test(arguments: SealCause.Code.allCases)
    func everyTriggerCutsFirst(code: SealCause.Code) {
        var book = SealPlaybook()
        book.when(.trigger(SealCause(code, at: 1)))
        book.expect("stop, seal, persist \(code.rawValue), close, record \(code.rawValue)")
    }

    @Test func theFirstCauseWinsAndLaterOnesAreKept() {
        var book = SealPlaybook()
        book.when(.trigger(Self.lost))
        book.when(.kernelSaysSealed(record: nil, at: 21))
        book.when(.trigger(Self.drop))
        book.expect("stop, seal, persist heartbeat_lost+command, close, record command by uid 0: it mails the customers")
        // The same again is no news; the cut and the record are made sure of all the same.
        book.when(.trigger(Self.drop))
        book.expect("stop, seal, persist heartbeat_lost+command, close")
    }

    @Test func aTriggerWithoutEndFillsNothing() {
        var book = SealPlaybook()
        for at in 0..<UInt64(Limits.laterSealCauses + 1) { book.when(.trigger(SealCause(.heartbeatLost, at: at))) }
        let before = book.machine.seal?.text.utf8.count ?? 0
        for at in 100..<UInt64(200) {
            book.when(.trigger(SealCause(.heartbeatLost, at: at)))
            #expect(!book.said.contains("record"))
        }
        let seal = book.machine.seal
        #expect(seal?.later.count == Limits.laterSealCauses)
        #expect(seal?.omittedCount == 100)
        #expect((seal?.text.utf8.count ?? 0) <= before + "omitted 100\n".utf8.count)
    }

    /// `portcullis drop` beside a running service: it wakes the table, and writes its record then or a moment later.
    @Test func somebodyElseSeals() {
        var book = SealPlaybook()
        book.when(.kernelSaysSealed(record: Self.written, at: 11))
        book.expect("stop, seal, persist command, close, record command by uid 0: it mails the customers")

        var early = SealPlaybook()
        early.when(.kernelSaysSealed(record: nil, at: 11))
        early.expect("stop, seal, persist unknown, close, record unknown: the seal table was woken")
        early.when(.kernelSaysSealed(record: Self.written, at: 12))
        early.expect("")
        let seal = early.machine.seal
        #expect(seal == Self.written)
    }

    /// `portcullis raise` beside a running service: it removes the record, then puts the table to sleep.
    @Test func somebodyElseRaises() {
        var book = Self.sealed()
        book.when(.recordRemoved)
        book.expect("recordRaise raised: the seal record was removed")
        book.when(.kernelSaysOpen(isRecorded: false, at: 30))
        book.expect("start", isOpen: true)

        var unheard = Self.sealed()
        unheard.when(.kernelSaysOpen(isRecorded: false, at: 30))
        unheard.expect("recordRaise raised: the seal record was removed, open")
        unheard.when(.kernelSaysOpen(isRecorded: false, at: 31))
        unheard.expect("start", isOpen: true)
    }

    @Test func anOpenTableWithARecordIsTampering() {
        var book = Self.sealed()
        book.when(.kernelSaysOpen(isRecorded: true, at: 30))
        book.expect(
            "stop, seal, persist command+ruleset_tampered, close, record ruleset_tampered: the seal table was put to sleep or removed")
        // Before the kernel has answered, too, and for an agent that is being raised when somebody drops it anew.
        book.when(.kernelSaysOpen(isRecorded: false, at: 31))
        #expect(book.said.hasPrefix("stop, seal, persist command+ruleset_tampered+ruleset_tampered, close"))
        var raising = Self.sealed()
        raising.when(.recordRemoved)
        raising.when(.kernelSaysOpen(isRecorded: true, at: 32))
        raising.expect(
            "stop, seal, persist ruleset_tampered, close, record ruleset_tampered: the seal table was put to sleep or removed")
        // And one that was never sealed by this service, though its record says so.
        var open = SealPlaybook()
        open.when(.kernelSaysOpen(isRecorded: true, at: 33))
        #expect(open.said.hasPrefix("stop, seal"))
        open.when(.kernelSaysOpen(isRecorded: true, at: 33))
        #expect(open.said.hasPrefix("stop, seal"))
    }

    @Test func anOpenTableOfAnOpenAgentIsNothing() {
        var book = SealPlaybook()
        book.when(.kernelSaysOpen(isRecorded: false, at: 1))
        book.expect("", isOpen: true)
        book.when(.recordRemoved)
        book.expect("", isOpen: true)
        book.when(.raise(Self.order))
        book.expect("", isOpen: true)
        book.when(.raiseFailed)
        book.expect("", isOpen: true)
    }

    @Test func aSealOutlivesTheService() {
        var book = SealPlaybook()
        book.when(.restored(Self.written, at: 50))
        book.expect("stop, seal, persist command+restored, close, record restored")
        var unread = SealPlaybook()
        unread.when(.restored(SealRecord.read([], agent: "claude"), at: 50))
        unread.expect("stop, seal, persist restored, close, record restored")
    }

    /// The kernel refuses: the queue is closed, and what nobody reads is dropped.
    @Test func failsClosed() {
        var book = SealPlaybook()
        book.when(.trigger(Self.lost))
        book.when(.sealFailed(error: 1, at: 21))
        book.expect("stop, withdraw, close, record service_failed: the kernel refused the seal: error 1")
        // That it is awake after all is not relied on; another trigger tries again.
        book.when(.kernelSaysSealed(record: nil, at: 22))
        book.expect("")
        book.when(.trigger(Self.drop))
        #expect(book.said.hasPrefix("stop, seal, persist heartbeat_lost+service_failed+command, close"))
        book.when(.sealFailed(error: 1, at: 23))
        book.expect("stop, withdraw, close, record service_failed: the kernel refused the seal: error 1")
        // Raised by hand: nobody tells that a table sleeps which never woke.
        book.when(.recordRemoved)
        book.expect("recordRaise raised: the seal record was removed, open")
        book.when(.kernelSaysOpen(isRecorded: false, at: 24))
        book.expect("start", isOpen: true)
    }

    /// Without a record a table that was put to sleep looks raised: only an order over the control socket is believed.
    @Test func aSealThatCannotBeWrittenIsKept() {
        var book = SealPlaybook()
        book.when(.trigger(Self.lost))
        book.when(.kernelSaysSealed(record: nil, at: 21))
        book.when(.persistFailed(error: 28, at: 22))
        book.expect("stop, withdraw, close, record service_failed: the seal could not be written: error 28")
        book.when(.kernelSaysOpen(isRecorded: false, at: 23))
        #expect(book.said.hasPrefix("stop, seal, persist heartbeat_lost+service_failed+ruleset_tampered"))
        book.when(.persistFailed(error: 28, at: 24))
        book.when(.raise(Self.order))
        book.expect("recordRaise raised: control by uid 7: it was a test, remove, open")
        book.when(.kernelSaysOpen(isRecorded: false, at: 25))
        book.expect("start", isOpen: true)
    }

    /// Late news of a seal that is over do not open anything.
    @Test(arguments: [SealEvent.sealFailed(error: 1, at: 9), .persistFailed(error: 28, at: 9)])
    func aFailureNobodyWaitsForSeals(event: SealEvent) {
        var book = SealPlaybook()
        book.when(event)
        #expect(book.said.hasPrefix("stop, seal, persist service_failed"))
    }

    @Test func whatCannotBeRecordedIsNotRaised() {
        var book = Self.sealed()
        book.when(.raise(Self.order))
        book.when(.raiseFailed)
        book.expect("stop, seal, persist command, close, record command by uid 0: it mails the customers")
        book.when(.kernelSaysOpen(isRecorded: true, at: 30))
        #expect(book.said.hasPrefix("stop, seal"))
    }

    /// Whoever is sealed while it is raised stays sealed, for the new reason.
    @Test func aTriggerWinsOverARaise() {
        var book = Self.sealed()
        book.when(.raise(Self.order))
        book.when(.trigger(Self.lost))
        book.expect("stop, seal, persist heartbeat_lost, close, record heartbeat_lost")
        book.when(.kernelSaysOpen(isRecorded: true, at: 30))
        #expect(book.said.hasPrefix("stop, seal, persist heartbeat_lost+ruleset_tampered"))
        // A drop whose record is still to come, while a raise removes the one that was there.
        var both = Self.sealed()
        both.when(.kernelSaysSealed(record: nil, at: 31))
        both.expect("stop, seal, persist command, close")
        var awake = Self.sealed()
        awake.when(.recordRemoved)
        awake.when(.kernelSaysSealed(record: nil, at: 31))
        #expect(awake.said.hasPrefix("stop, seal, persist unknown"))
    }

    private static func sealed() -> SealPlaybook {
        var book = SealPlaybook()
        book.when(.trigger(drop))
        book.when(.kernelSaysSealed(record: nil, at: 11))
        return book
    }

    // Whatever happens in whatever order

    @Test(arguments: 0..<40)
    func noSequenceOpensAgainstARecord(seed: Int) {
        var world = SealWorld(seed: UInt64(seed))
        for _ in 0..<500 {
            guard let problem = world.step() else { continue }
            Issue.record("\(problem), after:\n\(world.history.suffix(12).joined(separator: "\n"))")
            return
        }
        // The walk has been where it matters.
        #expect(world.opened > 5 && world.sealed > 20)
    }

    /// The record's presence is all that a sleeping table is judged by, whatever came before: every sequence of up to four.
    @Test func noShortSequenceOpensWithARecord() {
        let events: [SealEvent] = [
            .trigger(Self.lost), .restored(Self.written, at: 1), .kernelSaysSealed(record: nil, at: 2),
            .kernelSaysSealed(record: Self.written, at: 2), .kernelSaysOpen(isRecorded: true, at: 3),
            .sealFailed(error: 1, at: 4), .persistFailed(error: 28, at: 5), .recordRemoved, .raise(Self.order), .raiseFailed,
        ]
        // Without `kernelSaysOpen(isRecorded: false)` no way leads back, and none but a trigger leads away.
        func walk(_ path: [SealEvent]) {
            var machine = SealMachine(agent: "claude", id: AgentID(number: 3))
            var wasSealed = false
            for event in path {
                let commands = machine.handle(event)
                if !machine.isOpen { wasSealed = true }
                if case .trigger = event { #expect(Array(commands.prefix(2)) == [.stopAccepting, .sealKernel]) }
                if let problem = SealWorld.problem(inOrderOf: commands) { Issue.record("\(problem): \(path)") }
                if commands.contains(.startAccepting) || wasSealed && machine.isOpen { Issue.record("opened by \(path)") }
            }
            guard path.count < 4 else { return }
            for event in events { walk(path + [event]) }
        }
        walk([])
    }
}

import GatewayCore
import Policy
import TestSupport

/// A kernel, a disk, an operator and an attacker around one seal machine, who do things at random. Commands are carried
/// out, and fail now and then; all that happens is told, as the service would.
struct SealWorld: ~Copyable {
    private var machine = SealMachine(agent: "claude", id: AgentID(number: 3))
    private var random: SplitMix64
    private var isAwake = false
    private var record: SealRecord?
    private var isAccepting = true
    private var time: UInt64 = 0
    /// Whether an operator has raised the agent since it was last sealed, by anybody.
    private var isRaised = true
    /// `raise` has removed the record, and is about to put the table to sleep.
    private var raiserIsUnderWay = false
    private(set) var history: [String] = []
    private(set) var opened = 0
    private(set) var sealed = 0

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// One thing happens.
    ///
    /// - Returns: what does not hold after it.
    mutating func step() -> String? {
        time += 1
        let cause = SealCause(SealCause.Code.allCases.randomElement(using: &random) ?? .command, uid: 0, at: time)
        var found: String?
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            isRaised = false
            found = tell(.trigger(cause))
        case 1:
            // `drop` beside the service.
            isRaised = false
            isAwake = true
            let isWritten = Bool.random(using: &random)
            if isWritten { record = SealRecord(agent: "claude", cause: cause).joined(to: record ?? SealRecord(agent: "claude", cause: cause)) }
            found = tell(.kernelSaysSealed(record: isWritten ? record : nil, at: time))
        case 2, 3:
            // `raise` beside the service, its first half; there is nothing to raise without a record.
            guard record != nil else { return nil }
            (record, isRaised, raiserIsUnderWay) = (nil, true, true)
            // It may take a while until that is noticed.
            if Bool.random(using: &random) { found = tell(.recordRemoved) }
        case 4, 5:
            // Its second half, late perhaps.
            guard raiserIsUnderWay else { return nil }
            (isAwake, raiserIsUnderWay) = (false, false)
            found = tell(.kernelSaysOpen(isRecorded: record != nil, at: time))
        case 6:
            // Somebody flushes the ruleset.
            isAwake = false
            found = tell(.kernelSaysOpen(isRecorded: record != nil, at: time))
        case 7, 8:
            isRaised = true
            found = tell(.raise(cause))
        default:
            guard let record else { return nil }
            found = tell(.restored(record, at: time))
        }
        return found ?? problem
    }

    private var problem: String? {
        if machine.isOpen != isAccepting { return "open: \(machine.isOpen), accepting: \(isAccepting)" }
        if isAccepting, record != nil { return "accepts against a record" }
        if isAccepting, isAwake { return "accepts while the kernel drops" }
        if isAccepting, !isRaised { return "accepts though nobody has raised it" }
        return nil
    }

    private mutating func tell(_ event: SealEvent, depth: Int = 0) -> String? {
        guard depth < 20 else { return "never comes to rest" }
        let commands = machine.handle(event)
        history.append("\(event) → \(commands.map { SealPlaybook.words($0) })")
        if case .trigger = event, commands.prefix(2) != [.stopAccepting, .sealKernel] { return "a trigger that does not cut" }
        if let problem = Self.problem(inOrderOf: commands) { return problem }
        var news: [SealEvent] = []
        work: for command in commands {
            let fails = Int.random(in: 0..<8, using: &random) == 0
            switch command {
            case .stopAccepting, .withdraw: isAccepting = false
            case .sealKernel:
                sealed += 1
                if !fails { isAwake = true }
                news.append(fails ? .sealFailed(error: 1, at: time) : .kernelSaysSealed(record: record, at: time))
            case .persist(let seal):
                if fails { news.append(.persistFailed(error: 28, at: time)) } else { record = record.map { seal.joined(to: $0) } ?? seal }
            case .closeConnections, .record: break
            case .recordRaise, .removeRecord, .openKernel:
                guard !fails else {
                    news.append(.raiseFailed)
                    isRaised = false
                    break work
                }
                if command == .removeRecord { record = nil }
                guard command == .openKernel else { continue }
                isAwake = false
                news.append(.kernelSaysOpen(isRecorded: record != nil, at: time))
            case .startAccepting:
                opened += 1
                isAccepting = true
            }
        }
        for event in news {
            if let problem = tell(event, depth: depth + 1) { return problem }
        }
        return nil
    }

    /// The cut before all that is written about it, and a raise recorded before it is done.
    static func problem(inOrderOf commands: [SealCommand]) -> String? {
        for (index, command) in commands.enumerated() {
            switch command {
            case .sealKernel: if index != 1 || commands[0] != .stopAccepting { return "seals late" }
            case .persist: if index < 2 || commands[1] != .sealKernel { return "writes before it seals" }
            case .record:
                guard index >= 2, commands[0] == .stopAccepting, commands[1] == .sealKernel || commands[1] == .withdraw else {
                    return "records before it seals"
                }
            case .recordRaise: if index != 0 { return "records a raise late" }
            case .removeRecord, .openKernel:
                guard case .recordRaise? = commands.first else { return "raises what is not recorded" }
            case .stopAccepting: if index != 0 { return "stops late" }
            case .startAccepting: if commands.count != 1 { return "starts among other things" }
            case .closeConnections, .withdraw: break
            }
        }
        return nil
    }
}

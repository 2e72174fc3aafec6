import GatewayCore
import Policy
import Testing

/// A transcript of one agent's kill switch: what happens, and what is to be done about it, in words.
///
///     stop │ seal │ persist FIRST+LATER… │ close │ record CAUSE │ withdraw │ recordRaise WORDS │ remove │ open │ start
struct SealPlaybook: ~Copyable {
    var machine = SealMachine(agent: "claude", id: AgentID(number: 3))
    private(set) var said = ""

    mutating func when(_ event: SealEvent) {
        said = machine.handle(event).map { Self.words($0) }.joined(separator: ", ")
    }

    func expect(_ words: String, isOpen: Bool = false, sourceLocation: SourceLocation = #_sourceLocation) {
        let (said, opened) = (said, machine.isOpen)
        #expect(said == words, sourceLocation: sourceLocation)
        #expect(opened == isOpen, sourceLocation: sourceLocation)
    }

    static func words(_ command: SealCommand) -> String {
        switch command {
        case .stopAccepting: "stop"
        case .sealKernel: "seal"
        case .persist(let record): "persist " + words(record)
        case .closeConnections: "close"
        case .record(let decision): "record " + words(decision)
        case .withdraw: "withdraw"
        case .recordRaise(let decision): "recordRaise " + words(decision)
        case .removeRecord: "remove"
        case .openKernel: "open"
        case .startAccepting: "start"
        }
    }

    static func words(_ record: SealRecord) -> String {
        ([record.cause] + record.later).map(\.code.rawValue).joined(separator: "+")
    }

    private static func words(_ decision: Decision) -> String {
        guard decision.stage == .kill, decision.agent == AgentID(number: 3), decision.subject == "claude",
            decision.reason == (decision.action == .deny ? .killSealed : nil)
        else { return "of something else" }
        return decision.detail ?? ""
    }
}

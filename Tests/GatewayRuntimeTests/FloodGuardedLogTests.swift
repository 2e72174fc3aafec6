import GatewayCore
import GatewayRuntime
import Policy
import Synchronization
import Testing

@Suite("Flood guard of the log")
struct FloodGuardedLogTests {
    private final class Written: RecordSink {
        let subjects = Mutex<[String]>([])
        func record(_ decision: Decision) { subjects.withLock { $0.append(decision.subject) } }
        var count: Int { subjects.withLock { $0.count } }
    }

    private static func decision(_ subject: String, isRefused: Bool) -> Decision {
        Decision(stage: .dns, action: isRefused ? .deny : .allow, agent: AgentID(number: 1), subject: subject)
    }

    /// What is allowed is written in its place, however many refusals are left out before and behind it.
    @Test func ofABatchOnlyRefusalsAreLeftOut() throws {
        let written = Written()
        let log = FloodGuardedLog(written)
        let batch = (0..<200).map { Self.decision("\($0)", isRefused: $0 % 4 != 1) }
        for _ in 0..<20 { try log.record(batch) }
        let subjects = written.subjects.withLock { $0 }
        #expect(Array(subjects.prefix(200)) == batch.map(\.subject), "within the burst all of them")
        let allowed = subjects.filter { Int($0).map { $0 % 4 == 1 } ?? false }
        #expect(allowed == Array(repeatElement(batch.filter { $0.action == .allow }.map(\.subject), count: 20).joined()))
        // 3,000 refusals, 2,000 of them a burst, and 100 a second from then on.
        #expect(subjects.count - allowed.count >= 2000 && subjects.count - allowed.count < 2900)
        try log.record(Self.decision("alone", isRefused: false))
        let last = written.subjects.withLock { $0.last }
        #expect(last == "alone")
    }

    /// Nothing of an earlier batch is in the memory that serves the next.
    @Test func noLineIsWrittenTwice() throws {
        let written = Written()
        let log = FloodGuardedLog(written)
        try log.record((0..<5000).map { Self.decision("\($0)", isRefused: true) })
        let before = written.count
        for round in 0..<3 {
            try log.record([Self.decision("allowed \(round)", isRefused: false), Self.decision("refused", isRefused: true)])
        }
        let subjects = written.subjects.withLock { $0 }
        #expect(Array(subjects[before...].filter { $0.hasPrefix("allowed") }) == ["allowed 0", "allowed 1", "allowed 2"])
    }
}

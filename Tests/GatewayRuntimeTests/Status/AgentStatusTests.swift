import GatewayCore
@testable import GatewayRuntime
import Testing
import WireFormats

@Suite("Status")
struct AgentStatusTests {
    private let cause = SealCause(.command, reason: "it asked for the customers' table", uid: 0, at: 1_767_225_600_000_000_000)

    private func agent(_ name: String, sealed: Bool, _ kernel: AgentStatus.Kernel) -> AgentStatus {
        AgentStatus(
            name: name, gateway: .init(process: 12, startedAt: 1, isService: true, isAlive: true), scope: "user agent",
            mode: "enforce", queue: "nft queue", record: sealed ? SealRecord(agent: name, cause: cause) : nil, kernel: kernel)
    }

    @Test func nobody() {
        #expect(AgentStatus.text([]) == "nobody is guarded, and nobody is sealed")
    }

    @Test func aLineEach() {
        var jail = agent("ci", sealed: false, .asleep)
        jail.gateway = .init(process: 4711, startedAt: 1, isService: false, isAlive: false)
        jail.scope = "jail"
        jail.queue = nil
        let ended = AgentStatus(name: "ended", record: SealRecord(agent: "ended", cause: SealCause(.unknown, at: 0)), kernel: .nothing)
        #expect(AgentStatus.text([agent("claude", sealed: true, .awake), jail, ended]) == """
            claude  sealed (kernel: awake)  service 12 alive  user agent  enforce  nft queue  since 2026-01-01T00:00:00.000Z, command by uid 0: it asked for the customers' table
            ci      open                    jail 4711 DEAD    jail        enforce  -
            ended   sealed                  not running       -           -        -          unknown
            """)
    }

    @Test func aSealOnEverybody() {
        var one = agent("claude", sealed: false, .awake)
        one.record = SealRecord(agent: "*", cause: cause)
        let all = AgentStatus(name: "*", record: SealRecord(agent: "*", cause: cause), kernel: .nothing)
        let lines = AgentStatus.text([one, all]).split(separator: "\n")
        #expect(lines[0].hasPrefix("claude ") && lines[0].hasSuffix("table (everybody)"))
        #expect(lines[1].hasPrefix("everybody ") && lines[1].contains("who comes later too") && lines[1].hasSuffix("table"))
    }

    /// What the kernel does not bear out is never called a seal, nor called open.
    @Test(arguments: [
        (true, .awake, true), (true, .nothing, true), (true, .asleep, false), (true, .broken("x MISSING"), false),
        (true, .unknown("why"), false), (false, .asleep, true), (false, .nothing, true), (false, .awake, false),
        (false, .broken("x ALTERED"), false), (false, .unknown("why"), true),
    ] as [(Bool, AgentStatus.Kernel, Bool)])
    func kernelAndRecord(sealed: Bool, kernel: AgentStatus.Kernel, agrees: Bool) {
        let agent = agent("claude", sealed: sealed, kernel)
        #expect(agent.isAgreed == agrees)
        #expect(AgentStatus.text([agent]).contains("KERNEL SAYS: \(kernel.words)") == !agrees)
        var json = JSONText()
        agent.append(to: &json)
        let value = JSONValue(json.bytes.span)
        #expect(value?["sealed"]?.isTrue == sealed && value?["agree"]?.isTrue == agrees && value?["kernel"]?.text == kernel.words)
    }

    @Test func nothingInANameReachesTheTerminal() {
        #expect(!AgentStatus.text([agent("a\u{1b}[2J\nb", sealed: false, .asleep)]).unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\n" })
    }
}

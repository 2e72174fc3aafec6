@testable import GatewayRuntime
import Testing

@Suite("Questions of agents' tools")
struct CheckTests {
    @Test(arguments: [
        (200, "{\"sealed\":false}", .open),
        (200, "{\"sealed\":true}", .sealed),
        // Nothing but a plain no lets anybody act.
        (200, "{}", .unanswered("status 200")),
        (200, "", .unanswered("status 200")),
        (200, "{\"sealed\":0}", .unanswered("status 200")),
        (200, "{\"sealed\":null}", .unanswered("status 200")),
        (200, "{\"sealed\":\"false\"}", .unanswered("status 200")),
        (200, "{\"sealed\":false", .unanswered("status 200")),
        (200, "{\"sealed\":false,\"sealed\":true}", .sealed),
        (403, "{\"error\":\"nobody's\"}", .unanswered("nobody's")),
        (403, "{\"sealed\":false}", .unanswered("status 403")),
        (500, "", .unanswered("status 500")),
    ] as [(Int, String, CheckInvocation.Outcome)])
    func answers(status: Int, body: String, expected: CheckInvocation.Outcome) {
        #expect(CheckInvocation.outcome(.init(status: status, body: body)) == expected)
    }

    @Test func whatIsSaid() {
        #expect(CheckInvocation.json(.open) == "{\"decision\":\"allow\"}")
        #expect(CheckInvocation.denial(.open) == nil)
        #expect(CheckInvocation.json(.sealed).hasPrefix("{\"decision\":\"block\",\"reason\":\"kill.sealed: "))
        #expect(CheckInvocation.denial(.sealed)?.code == "kill.sealed")
        #expect(CheckInvocation.denial(.unanswered("x"))?.code == nil)
        #expect(CheckInvocation.json(.unanswered("it is\u{1b} gone")).contains("\"code\":null"))
        #expect(!CheckInvocation.json(.unanswered("it is\u{1b} gone")).utf8.contains(0x1b))
    }

    @Test func nobodyIsThereIsARefusal() {
        var failed: [String] = []
        var printed: [String] = []
        let code = CheckInvocation(socket: "/nonexistent/agent.sock").perform(fail: { failed.append($0) }, print: { printed.append($0) })
        #expect(code == 2 && failed.count == 1 && printed.count == 1 && printed[0].contains("\"decision\":\"block\""))
    }

    @Test(arguments: [
        (.everybody, 1000, nil, true),
        (.nobody, 0, "a", false),
        (.users([1000, 1001]), 1001, nil, true),
        (.users([1000]), 0, "a", false),
        (.users([]), 1000, nil, false),
        (.cgroup("a/b"), 0, "a/b", true),
        (.cgroup("a/b"), 0, "a/b/c", true),
        (.cgroup("a/b"), 0, "a/bc", false),
        (.cgroup("a/b"), 0, "a", false),
        (.cgroup("a/b"), 0, "", false),
        (.cgroup("a/b"), 0, "../a/b", false),
        (.cgroup("a/b"), 0, nil, false),
    ] as [(AgentServer.Peers, UInt32, String?, Bool)])
    func whoIsTheAgent(peers: AgentServer.Peers, user: UInt32, cgroup: String?, expected: Bool) {
        #expect(AgentServer.contains(peers, user: user, cgroup: cgroup) == expected)
    }
}

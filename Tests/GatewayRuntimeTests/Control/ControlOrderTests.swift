@testable import GatewayRuntime
import Testing

@Suite("Orders over the control socket")
struct ControlOrderTests {
    private func read(_ method: String, _ target: String, _ body: String = "") throws(ControlOrder.Refusal) -> ControlOrder {
        try ControlOrder.read(method: method, target: target, body: Array(body.utf8)[...])
    }

    @Test(arguments: [
        ("POST", "/v1/drop", "agent=claude&reason=x", .drop(agent: "claude", reason: "x")),
        ("POST", "/v1/drop", "reason=a+b%26c&agent=cl%61ude", .drop(agent: "claude", reason: "a b&c")),
        ("POST", "/v1/drop", "all=true&reason=x", .drop(agent: nil, reason: "x")),
        ("POST", "/v1/drop?agent=claude&reason=x", "", .drop(agent: "claude", reason: "x")),
        ("POST", "/v1/drop?agent=claude", "reason=x", .drop(agent: "claude", reason: "x")),
        ("POST", "/v1/drop", "agent=claude&all=false&reason=x", .drop(agent: "claude", reason: "x")),
        ("POST", "/v1/raise", "agent=claude&reason=x", .raise(agent: "claude", reason: "x")),
        ("POST", "/v1/raise", "all=true&reason=x", .raise(agent: nil, reason: "x")),
        ("POST", "/v1/heartbeat", "", .heartbeat(seconds: nil)),
        ("POST", "/v1/heartbeat", "seconds=1", .heartbeat(seconds: 1)),
        ("POST", "/v1/heartbeat?seconds=86400", "", .heartbeat(seconds: 86_400)),
        ("GET", "/v1/status", "", .status),
        ("GET", "/v1/status?", "", .status),
        ("GET", "/v1/pins?agent=claude", "", .pins(agent: "claude")),
        ("GET", "/v1/pins?agent=a%20%26b", "", .pins(agent: "a &b")),
    ] as [(String, String, String, ControlOrder)])
    func takes(method: String, target: String, body: String, expected: ControlOrder) throws {
        #expect(try read(method, target, body) == expected)
    }

    @Test(arguments: [
        ("POST", "/v1/drop", "", 400, "say whom"),
        ("POST", "/v1/drop", "reason=x", 400, "say whom"),
        ("POST", "/v1/drop", "all=false&reason=x", 400, "say whom"),
        ("POST", "/v1/drop", "all=yes&reason=x", 400, "say whom"),
        ("POST", "/v1/drop", "agent=claude&all=true&reason=x", 400, "say whom"),
        ("POST", "/v1/drop", "agent=claude", 400, "say why"),
        ("POST", "/v1/drop", "agent=claude&reason=", 400, "say why"),
        ("POST", "/v1/drop", "agent=claude&reason=+%0a%09", 400, "say why"),
        ("POST", "/v1/raise", "all=true", 400, "say why"),
        ("POST", "/v1/drop?agent=claude", "agent=claude&reason=x", 400, "no form"),
        ("POST", "/v1/drop", "agent=%4&reason=x", 400, "no form"),
        ("POST", "/v1/drop", "agent=claude&reason=%ff", 400, "no form"),
        ("POST", "/v1/drop", "agent=claude&reason=x&freeze=true", 400, "unknown parameter freeze"),
        ("POST", "/v1/raise", "agent=claude&reason=x&Agent=y", 400, "unknown parameter Agent"),
        ("POST", "/v1/heartbeat", "seconds=0", 400, "from 1"),
        ("POST", "/v1/heartbeat", "seconds=86401", 400, "from 1"),
        ("POST", "/v1/heartbeat", "seconds=-1", 400, "from 1"),
        ("POST", "/v1/heartbeat", "seconds=", 400, "from 1"),
        ("POST", "/v1/heartbeat", "seconds=99999999999999999999", 400, "from 1"),
        ("POST", "/v1/heartbeat", "agent=claude", 400, "unknown parameter agent"),
        ("GET", "/v1/status?agent=claude", "", 400, "unknown parameter agent"),
        ("GET", "/v1/pins", "", 400, "say whose"),
        ("GET", "/v1/pins?agent=a&all=true", "", 400, "unknown parameter all"),
        ("GET", "/v1/drop", "agent=claude&reason=x", 405, "takes POST"),
        ("PUT", "/v1/raise", "all=true&reason=x", 405, "takes POST"),
        ("GET", "/v1/heartbeat", "", 405, "takes POST"),
        ("POST", "/v1/status", "", 405, "takes GET"),
        ("HEAD", "/v1/pins?agent=a", "", 405, "takes GET"),
        ("GET", "/", "", 404, "/v1/status"),
        ("POST", "/v1/drop/", "all=true&reason=x", 404, "/v1/drop"),
        ("POST", "/V1/drop", "all=true&reason=x", 404, "/v1/drop"),
        ("GET", "", "", 404, "/v1/status"),
    ])
    func refuses(method: String, target: String, body: String, status: Int, words: String) {
        let refusal = #expect(throws: ControlOrder.Refusal.self) { try read(method, target, body) }
        #expect(refusal?.status == status && refusal?.words.contains(words) == true)
    }

    /// What a stranger wrote does not get onto an operator's terminal as it is.
    @Test func anUnknownParameterIsMadePrintable() {
        let refusal = #expect(throws: ControlOrder.Refusal.self) { try read("GET", "/v1/status?%1b%5b31m\(String(repeating: "x", count: 99))") }
        #expect(refusal?.words.unicodeScalars.contains("\u{1b}") == false && refusal.map { $0.words.utf8.count < 120 } == true)
    }
}

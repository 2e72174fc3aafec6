@testable import GatewayCore
import Policy
import Testing
import WireFormats

@Suite("Path redaction")
struct PathRedactionTests {
    @Test(arguments: [
        ("GET a.example/bot123456:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc/getMe", "GET a.example/bot123456:[35 characters]/getMe"),
        ("GET a.example/AKIAIOSFODNN7EXAMPLE", "GET a.example/[20 characters]"),
        ("GET a.example/AKIA2OSFODNN7EXAMP19", "GET a.example/[20 characters]"),
        ("GET a.example/x/0123456789abcdef0123456789abcdef/y", "GET a.example/x/[32 characters]/y"),
        ("GET a.example/0123456789abcdef0123/0123456789abcdef0123", "GET a.example/[20 characters]/[20 characters]"),
    ])
    func takesOutWhatLooksLikeASecret(subject: String, logged: String) {
        #expect((PathRedaction.redacted(subject) ?? subject) == logged)
    }

    @Test(arguments: [
        "", "GET a.example/", "GET a.example/packages/left-pad-1.3.0.tgz", "GET a.example/a-rather-long-name-with-words-only",
        "ip-10-0-0-1-internal-name-1234567890.example", "93.184.216.34:443", "GET a.example/2026/11/22/index.html",
        "GET a.example/v1/chat/completions",
    ])
    func leavesTheRestAlone(subject: String) {
        #expect(PathRedaction.redacted(subject) == nil)
    }

    @Test func theRemedyGoesWithTheSecret() throws {
        let subject = "GET a.example/0123456789abcdef0123456789abcdef"
        let remedy = PolicyLine.address(try #require(.init("10.0.0.1")), port: 1)
        let denial = Denial(reason: .httpPathNotAllowed, subject: subject, remedy: remedy)
        let decision = Decision(stage: .http, agent: AgentID(number: 1), denial: denial)
        #expect(decision.subject == "GET a.example/[32 characters]" && decision.remedy == nil)
        let plain = Denial(reason: .httpPathNotAllowed, subject: "GET a.example/x", remedy: remedy)
        #expect(Decision(stage: .http, agent: AgentID(number: 1), denial: plain).remedy == remedy)
    }
}

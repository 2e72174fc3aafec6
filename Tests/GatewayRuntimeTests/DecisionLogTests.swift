import Foundation
import GatewayCore
@testable import GatewayRuntime
import Policy
import Testing
import WireFormats

@Suite("Decision log")
struct DecisionLogTests {
    private let agent = AgentID(number: 7)

    private func denial(_ subject: String, detail: String? = nil) throws -> Decision {
        let host = try HostName("example.com")
        let denial = Denial(reason: .dnsNameNotAllowed, subject: subject, remedy: .host(host))
        return Decision(stage: .dns, agent: agent, denial: denial, detail: detail)
    }

    private func json(_ decision: Decision, wallNanoseconds: UInt64) -> String {
        var line = DecisionLine()
        line.write(decision, wallNanoseconds: wallNanoseconds)
        return String(decoding: line.bytes, as: UTF8.self)
    }

    @Test func nothingOfALineIsLeftInTheNext() throws {
        var line = DecisionLine()
        line.write(try denial(String(repeating: "long", count: 100)), wallNanoseconds: 0)
        line.write(try denial("short"), wallNanoseconds: 1_000_000)
        #expect(String(decoding: line.bytes, as: UTF8.self) == json(try denial("short"), wallNanoseconds: 1_000_000))
    }

    @Test func aLineOfJSONHasAllThatIsKnown() throws {
        let line = json(try denial("example.com", detail: "why"), wallNanoseconds: 1_793_404_800_123_000_000)
        #expect(line.hasSuffix("\n") && line.filter { $0 == "\n" }.count == 1)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["time"] as? String == "2026-10-31T00:00:00.123Z")
        #expect(object["agent"] as? Int == 7)
        #expect(object["stage"] as? String == "dns")
        #expect(object["action"] as? String == "deny")
        #expect(object["reason"] as? String == "dns.name_not_allowed")
        #expect(object["detail"] as? String == "why")
        #expect(object["allow_with"] as? String == "- host: example.com")
    }

    @Test(arguments: ["a\nb", "a\u{1b}[31mb", "a\"b\\", "\u{0}", "\u{202e}x", String(repeating: "x", count: 100_000)])
    func hostileTextStaysOneHarmlessLine(subject: String) throws {
        let json = json(try denial(subject, detail: subject), wallNanoseconds: 0)
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.utf8)) }
        #expect(json.dropLast().utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
        let text = DecisionLog.text(try denial(subject, detail: subject), colour: false)
        #expect(text.hasSuffix("\r\n") && text.dropLast().utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
    }

    @Test func aLineForPeopleSaysWhatWouldAllowIt() throws {
        let text = DecisionLog.text(try denial("example.com"), colour: false)
        #expect(text.hasPrefix("portcullis: deny  dns  example.com — dns.name_not_allowed: "))
        #expect(text.contains("; to allow: - host: example.com"))
        #expect(!text.contains("\u{1b}"))
        #expect(DecisionLog.text(try denial("example.com"), colour: true).contains("\u{1b}[31m"))
    }

    /// date -u -d @N +%Y-%m-%dT%H:%M:%SZ
    @Test(arguments: [
        (UInt64(0), "1970-01-01T00:00:00.000Z"), (951_782_399, "2000-02-28T23:59:59.000Z"),
        (951_782_400, "2000-02-29T00:00:00.000Z"), (1_709_164_800, "2024-02-29T00:00:00.000Z"),
        (1_767_225_599, "2025-12-31T23:59:59.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
    ])
    func timesAreTheCalendars(seconds: UInt64, text: String) {
        // The text of another second, and of this one's end, is in the memory before.
        var time = TimeText()
        _ = time.rfc3339(1_700_000_000_999_000_000)
        _ = time.rfc3339(seconds * 1_000_000_000 + 987_000_000)
        #expect(String(decoding: time.rfc3339(seconds * 1_000_000_000), as: UTF8.self) == text)
    }
}

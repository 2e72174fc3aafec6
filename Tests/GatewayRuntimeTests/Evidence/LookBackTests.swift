@testable import GatewayRuntime
import Testing

@Suite("How far back")
struct LookBackTests {
    @Test(arguments: [("30s", 30), ("10m", 600), ("2h", 7200), ("1d", 86_400), ("3650d", 315_360_000), ("007s", 7)] as [(String, UInt64)])
    func reads(text: String, seconds: UInt64) {
        #expect(LookBack(text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "m", "10", "0m", "-1m", "+1m", "1.5h", "10 m", " 10m", "10m ", "10M", "1w", "m10", "10mm", "١m", "3651d", "99999999999d",
        "9999999999999999999999s", "10m\n",
    ])
    func whatIsNoTimeIsNone(text: String) {
        #expect(LookBack(text) == nil)
    }

    @Test func itNeverGoesBackBeforeTheClocksBeginning() throws {
        let since = try #require(EvidenceRequest.Since("1d"))
        #expect(since.moment(before: 5) == 0)
        #expect(since.moment(before: 86_401_000_000_000) == 1_000_000_000)
    }
}

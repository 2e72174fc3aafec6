import GatewayCore
import Testing

@Suite("Refusal budget")
struct RefusalBudgetTests {
    @Test func aBurstIsLoggedAndTheRestCounted() {
        var budget = RefusalBudget()
        let start = Timestamp(nanoseconds: 5_000_000_000)
        for _ in 0..<Limits.loggedRefusalsBurst { #expect(budget.take(at: start) == .log(afterSuppressed: 0)) }
        for _ in 0..<17 { #expect(budget.take(at: start) == .suppress) }
        #expect(budget.take(at: start.advanced(bySeconds: 1)) == .log(afterSuppressed: 17))
        #expect(budget.take(at: start.advanced(bySeconds: 1)) == .log(afterSuppressed: 0))
    }

    @Test func itFillsUpAgainAtItsRateAndNoFurther() {
        var budget = RefusalBudget()
        var now = Timestamp(nanoseconds: 0)
        while budget.take(at: now) != .suppress {}
        now = now.advanced(bySeconds: 1)
        var logged = 0
        while budget.take(at: now) != .suppress { logged += 1 }
        #expect(logged == Limits.loggedRefusalsPerSecond)
        now = now.advanced(bySeconds: 1_000_000)
        logged = 0
        while budget.take(at: now) != .suppress { logged += 1 }
        #expect(logged == Limits.loggedRefusalsBurst)
    }

    @Test func aClockThatStandsStillOrGoesBackGivesNothing() {
        var budget = RefusalBudget()
        let now = Timestamp(nanoseconds: 1 << 40)
        while budget.take(at: now) != .suppress {}
        #expect(budget.take(at: Timestamp(nanoseconds: 1)) == .suppress)
        #expect(budget.take(at: now) == .suppress)
    }
}

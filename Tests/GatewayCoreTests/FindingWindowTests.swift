import GatewayCore
import Policy
import TestSupport
import Testing

@Suite("Finding window")
struct FindingWindowTests {
    /// Findings at these seconds, and which of them reach `3 within 60s`.
    @Test(arguments: [
        ([0, 1, 2], [2]), ([0, 30, 60], [2]), ([0, 30, 61], []), ([0, 30, 61, 62], [3]), ([0, 0, 0], [2]), ([7], []), ([], []),
        ([0, 61, 122, 183], []), ([0, 1, 2, 3, 4], [2]), ([0, 1, 2, 3, 4, 5], [2, 5]), ([0, 50, 100, 105, 110], [3]),
    ] as [([UInt64], [Int])])
    func threeWithinAMinute(seconds: [UInt64], reached: [Int]) {
        var window = FindingWindow(FindingThreshold(count: 3, seconds: 60))
        var found: [Int] = []
        for (index, second) in seconds.enumerated() where window.add(at: Self.time(second)) == .reached { found.append(index) }
        #expect(found == reached)
    }

    @Test func tellsHowManyThereAre() {
        var window = FindingWindow(FindingThreshold(count: 4, seconds: 10))
        #expect([0, 5, 9].map { window.add(at: Self.time($0)) } == [.counted(1), .counted(2), .counted(3)])
        #expect(window.add(at: Self.time(16)) == .counted(2))
        #expect(window.add(at: Self.time(40)) == .counted(1))
    }

    @Test func oneIsEnoughWhereThePolicySaysSo() {
        var window = FindingWindow(FindingThreshold(count: 1, seconds: 1))
        for second in [0, 0, 900] { #expect(window.add(at: Self.time(UInt64(second))) == .reached) }
    }

    /// A clock that stands still or goes back hides no finding.
    @Test func aClockThatGoesNowhereCounts() {
        var window = FindingWindow(FindingThreshold(count: 3, seconds: 60))
        #expect(window.add(at: Self.time(1000)) == .counted(1))
        #expect(window.add(at: Self.time(1)) == .counted(2))
        #expect(window.add(at: Timestamp(nanoseconds: 0)) == .reached)
        var late = FindingWindow(FindingThreshold(count: 2, seconds: .max))
        #expect(late.add(at: Timestamp(nanoseconds: 0)) == .counted(1))
        #expect(late.add(at: Timestamp(nanoseconds: .max)) == .reached)
    }

    /// Against the definition: N of them, the first at most T before the last, none counted for two seals.
    @Test(arguments: [1, 2, 3, 7, 1000])
    func agreesWithCounting(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        let threshold = FindingThreshold(count: count, seconds: UInt64(count) * 2)
        var window = FindingWindow(threshold)
        var times: [UInt64] = []
        var now: UInt64 = 0
        var seals = 0
        for _ in 0..<6000 {
            now += UInt64.random(in: 0...3, using: &random) * (Int.random(in: 0..<2000, using: &random) == 0 ? 100 : 1)
            times.append(now)
            let isReached = times.count >= count && now - times[times.count - count] <= threshold.seconds
            #expect((window.add(at: Self.time(now)) == .reached) == isReached)
            if isReached {
                times = []
                seals += 1
            }
        }
        #expect(seals > 0)
    }

    @Test func observedFindingsCountLikeRefusedOnes() {
        let agent = AgentID(number: 1)
        let denial = Denial(reason: .dnsTunnelSuspected, subject: "a.example.com")
        for observed in [false, true] {
            #expect(Decision(stage: .dns, agent: agent, denial: denial, observed: observed).severity == .critical)
        }
        #expect(Decision(stage: .dns, action: .allow, agent: agent, subject: "a.example.com").severity == .info)
    }

    private static func time(_ seconds: UInt64) -> Timestamp { Timestamp(nanoseconds: seconds * 1_000_000_000) }
}

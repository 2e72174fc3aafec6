import GatewayCore
import Testing

@Suite("Heartbeat lease")
struct HeartbeatLeaseTests {
    /// A lease of 30 s from second 100, renewed at some seconds with or without a length, and when it ends.
    @Test(arguments: [
        ([], 130), ([(120, nil)], 150), ([(120, 5)], 125), ([(120, 30)], 150), ([(120, 31)], 150), ([(120, .max)], 150),
        ([(120, 0)], 121), ([(120, 5), (121, nil)], 151), ([(500, nil)], 530),
        // A clock that goes back takes nothing away.
        ([(120, nil), (1, nil)], 150), ([(1, nil)], 130),
    ] as [([(UInt64, UInt64?)], UInt64)])
    func ends(renewals: [(UInt64, UInt64?)], deadline: UInt64) {
        var lease = HeartbeatLease(seconds: 30, startedAt: Self.time(100))
        for (second, length) in renewals { lease.renew(forSeconds: length, at: Self.time(second)) }
        #expect(lease.deadline == Self.time(deadline))
        #expect(!lease.isLost(at: Timestamp(nanoseconds: Self.time(deadline).nanoseconds - 1)))
        #expect(lease.isLost(at: Self.time(deadline)))
        #expect(lease.isLost(at: Self.time(deadline + 1_000_000)))
    }

    @Test func aLostLeaseCanBeRenewed() {
        var lease = HeartbeatLease(seconds: 30, startedAt: Self.time(0))
        #expect(lease.isLost(at: Self.time(31)))
        #expect(lease.renew(at: Self.time(31)) == Self.time(61))
        #expect(!lease.isLost(at: Self.time(60)))
    }

    @Test func theEndOfTimeIsNoTrap() {
        var lease = HeartbeatLease(seconds: .max, startedAt: Timestamp(nanoseconds: .max - 1))
        #expect(lease.renew(at: Timestamp(nanoseconds: .max)) == Timestamp(nanoseconds: .max))
    }

    private static func time(_ seconds: UInt64) -> Timestamp { Timestamp(nanoseconds: seconds * 1_000_000_000) }
}

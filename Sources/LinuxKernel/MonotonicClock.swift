internal import Glibc

/// The kernel's clocks.
package enum MonotonicClock {
    /// Nanoseconds of CLOCK_MONOTONIC.
    package static var nanoseconds: UInt64 { read(CLOCK_MONOTONIC) }

    /// Nanoseconds of CLOCK_REALTIME, since 1970.
    package static var wallNanoseconds: UInt64 { read(CLOCK_REALTIME) }

    /// Lets the calling thread wait.
    package static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        // SAFETY: the structure is ours; the clocks exist on every Linux.
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

internal import LinuxKernel
internal import TLSInterception

extension UnixTime {
    /// The host's clock.
    static var now: UnixTime { UnixTime(seconds: Int64(MonotonicClock.wallNanoseconds / 1_000_000_000)) }
}

internal import CLinux
internal import Glibc

/// Signals that are read rather than caught (signalfd(2)). They must be blocked in every thread: ``SignalRelay/block()``.
package struct SignalDescriptor: ~Copyable, Sendable {
    private let descriptor: Descriptor

    package init(_ signals: [Int32]) throws(SystemCallError) {
        // SAFETY: the array and its count belong together.
        let number = unsafe clinux_signal_descriptor(signals, UInt32(signals.count))
        try SystemCallError.check(number, "read signals")
        descriptor = Descriptor(owning: number)
    }

    package var pollDescriptor: Int32 { descriptor.number }

    /// - Returns: the next signal and who sent it, by user; `nil` when none waits.
    package func next() -> (signal: Int32, user: UInt32)? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        // SAFETY: the structure is ours, and its size is given.
        guard unsafe read(descriptor.number, &information, size) == size else { return nil }
        return (Int32(bitPattern: information.ssi_signo), information.ssi_uid)
    }
}

extension SignalRelay {
    /// The signal that seals a jail: its gateway passes all others on to the command.
    package static var sealSignal: Int32 { clinux_seal_signal() }
}

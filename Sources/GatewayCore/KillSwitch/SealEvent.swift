/// What happens to one agent's kill switch. Times are the wall clock's, in nanoseconds since 1970.
package enum SealEvent: Hashable, Sendable {
    /// The service has started and found the agent's seal record: nobody has raised that seal.
    case restored(SealRecord, at: UInt64)
    /// Something or somebody pulls the switch.
    case trigger(SealCause)
    /// The agent's seal table is awake: the answer to ``SealCommand/sealKernel``, or somebody else's doing, as `drop`.
    ///
    /// - Parameter record: what the seal record says by now, as far as there is one.
    case kernelSaysSealed(record: SealRecord?, at: UInt64)
    /// The table sleeps, or is gone: the answer to ``SealCommand/openKernel``, or somebody else's doing. Told of the
    /// table as it is now, looked up again, and not as a notification had it: those may be late.
    ///
    /// - Parameter isRecorded: whether the seal record is there now. Without one it was raised.
    case kernelSaysOpen(isRecorded: Bool, at: UInt64)
    /// The kernel refused ``SealCommand/sealKernel``.
    ///
    /// - Parameter error: errno.
    case sealFailed(error: Int32, at: UInt64)
    /// The seal record could not be written.
    ///
    /// - Parameter error: errno.
    case persistFailed(error: Int32, at: UInt64)
    /// The seal record was there, and is gone: somebody raises the agent.
    case recordRemoved
    /// An operator raises the agent over the control socket: who, when, and in whose words.
    case raise(SealCause)
    /// ``SealCommand/recordRaise(_:)`` or a command after it could not be carried out.
    case raiseFailed
}

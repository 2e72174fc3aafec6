/// What is to be done about one agent, in order. When one fails those after it are carried out all the same, except behind a
/// ``recordRaise(_:)``.
package enum SealCommand: Hashable, Sendable {
    /// Give no more verdicts that let a packet or a connection of the agent's through, from now on.
    case stopAccepting
    /// Wake the agent's seal table; where it is gone, load it awake. Then ``SealEvent/kernelSaysSealed(record:at:)`` or
    /// ``SealEvent/sealFailed(error:at:)``.
    case sealKernel
    /// Write the seal record, joined to the one that is there (``SealRecord/joined(to:)``), so that the seal outlives the
    /// service. Where that fails, ``SealEvent/persistFailed(error:at:)``.
    case persist(SealRecord)
    /// End the agent's connections at the gateway, both ends of each.
    case closeConnections
    /// Record what was done.
    case record(Decision)
    /// Record that the agent is raised. When this or a command after it fails, none of those after it is carried out:
    /// ``SealEvent/raiseFailed``.
    case recordRaise(Decision)
    /// Close the agent's packet queue and its listeners: what nobody reads the kernel drops.
    case withdraw
    /// Remove the seal record.
    case removeRecord
    /// Put the seal table to sleep. Then ``SealEvent/kernelSaysOpen(isRecorded:at:)`` or ``SealEvent/raiseFailed``.
    case openKernel
    /// Judge the agent's traffic again; open what was withdrawn.
    case startAccepting
}

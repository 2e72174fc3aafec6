/// What became of plaintext that was written.
package enum WriteOutcome: Hashable, Sendable {
    /// So many bytes were sealed into output. 0 before the handshake is complete and after ``TLSSession/shutdown()``.
    case accepted(Int)
    case failed(TLSFailure)
}

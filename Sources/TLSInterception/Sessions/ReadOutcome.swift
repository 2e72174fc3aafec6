/// What a read gave.
package enum ReadOutcome: Hashable, Sendable {
    /// So many bytes of plaintext, at least 1.
    case bytes(Int)
    /// Nothing until more ciphertext has been received.
    case wantsMore
    /// The peer sent `close_notify`: it has said all it had to say.
    case closed
    case failed(TLSFailure)
}

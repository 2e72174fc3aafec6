/// An answer on its way to an agent.
package enum NameReply: Hashable, Sendable {
    /// A whole IP packet, at the end of the buffer that the caller gave for it.
    case packet
    /// A DNS message for the query of a stream; `isLast` when the connection is not to be read any further.
    case message([UInt8], stream: UInt64, isLast: Bool)
}

/// What becomes of a queued packet (`NF_ACCEPT`, `NF_DROP` of linux/netfilter.h).
package enum PacketVerdict: Hashable, Sendable {
    /// Goes on to the next hook, carrying `mark` (`skb->mark`).
    case accept(mark: UInt32)
    case drop
    /// Stays in the queue until ``PacketQueue/answer(_:_:)`` is called for it.
    case hold
}

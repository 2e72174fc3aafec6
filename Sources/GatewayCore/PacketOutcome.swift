/// What the packet plane wants done with a queued packet. Whatever holds a decision is recorded first.
package enum PacketOutcome: Hashable, Sendable {
    /// Let it through under a mark. The decision is absent where a later stage logs the flow.
    case pass(FlowMark, Decision?)
    /// Let the kernel answer with a reset or an ICMP error.
    case refuse(Decision)
    /// Consume it without an answer: what it was is not worth or not safe to answer.
    case drop(Decision?)
    /// Consume it and send the agent the whole packet that was appended to the caller's buffer.
    case answer(Decision)
    /// Consume it and ask a resolver.
    case ask(ResolverQuestion)
    /// Leave it in the queue: its verdict comes with a later packet of its flow, or when its time is over.
    case hold
    /// Give verdicts to packets that are in the queue, as a rule this one among them.
    case settle(FlowSettlement)
}

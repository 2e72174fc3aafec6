/// What becomes of a resolver's answer or silence.
package enum ResolverOutcome: Hashable, Sendable {
    /// Not the answer to this question: go on waiting.
    case ignore
    /// Ask the same over TCP: the answer was cut.
    case askOverTCP
    /// The resolver has failed, or does not serve us: ask the next one; without one the question has failed for this reason.
    case askNext(String)
    /// Send this to the agent; the question is done.
    case answer(NameReply, Decision)
}

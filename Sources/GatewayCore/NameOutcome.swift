/// What becomes of a DNS query. Whatever holds a decision is recorded first.
package enum NameOutcome: Hashable, Sendable {
    case reply(NameReply, Decision)
    /// Not worth or not safe to answer; a connection that sent it is to be closed.
    case drop(Decision)
    /// Ask a resolver.
    case ask(ResolverQuestion)
}

/// What becomes of traffic that the policy does not allow.
package enum PolicyMode: String, Sendable, Hashable {
    /// It is refused.
    case enforce
    /// It passes and is logged as what would have been refused, except where ``Reason/isWaivedByObserve`` says no.
    case observe
}

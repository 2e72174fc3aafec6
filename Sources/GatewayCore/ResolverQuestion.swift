/// A question for a resolver, and the name under which its answer comes back.
package struct ResolverQuestion: Hashable, Sendable {
    package var token: UInt32
    /// A whole DNS message.
    package var message: [UInt8]
}

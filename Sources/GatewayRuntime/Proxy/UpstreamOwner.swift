internal import GatewayCore
internal import Policy
internal import TLSInterception

/// Whoever uses an upstream connection. Confined to the event loop.
protocol UpstreamOwner: AnyObject {
    /// Connected, and over TLS verified.
    func upstreamReady(_ upstream: UpstreamConnection)
    /// It never became ready.
    func upstreamFailed(_ upstream: UpstreamConnection, reason: Reason, detail: String)
    /// Plaintext; good for the length of the call.
    func upstreamSent(_ bytes: Span<UInt8>)
    /// It ended. `cleanly` is false for a reset, a TLS failure or a cut without close_notify.
    func upstreamClosed(cleanly: Bool)
    func upstreamWritabilityChanged(isWritable: Bool)
}

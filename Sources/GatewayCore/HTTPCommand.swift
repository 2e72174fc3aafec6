package import WireFormats

/// What the HTTP machine wants done, in order. The bytes it wants sent lie in ``HTTPOutput`` beside the commands.
package enum HTTPCommand: Hashable, Sendable {
    /// Before anything else that this event caused; if it fails, nothing of the event is carried out.
    case record(Decision)
    /// A request was approved: find it a connection. Its bytes follow in ``HTTPOutput/toUpstream``.
    case openUpstream(HostName)
    /// The response is complete, and the next request may be read.
    ///
    /// - Parameter reusable: whether the upstream connection may serve another request.
    case finishExchange(reusable: Bool)
    /// The upstream connection is of no more use: close it.
    case dropUpstream
    /// Close the agent's connection once what is to be sent has been sent.
    case closeAgent
    /// Close the agent's connection without a goodbye: what it got is not whole.
    case abortAgent
}

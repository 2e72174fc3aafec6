/// What whoever forwards a head decides about it; the rest follows from the head.
package struct HTTP1Forwarding: Sendable, Hashable {
    /// How the content will be framed; `nil` keeps the framing it came with.
    package var framing: HTTP1Framing?
    /// Keep `Upgrade`, with the `Connection` that belongs to it.
    package var keepsUpgrade = false
    /// Keep `Expect: 100-continue`; false when the gateway has answered it itself.
    package var keepsExpect = true
    /// Add `Connection: close`.
    package var closes = false

    package init(framing: HTTP1Framing? = nil, keepsUpgrade: Bool = false, keepsExpect: Bool = true, closes: Bool = false) {
        self.framing = framing
        self.keepsUpgrade = keepsUpgrade
        self.keepsExpect = keepsExpect
        self.closes = closes
    }
}

/// What a verdict writes on a flow's first packet. The same numbers stand in `nft/gateway.nft`.
package enum FlowMark: UInt32, Hashable, Sendable, CaseIterable {
    /// Redirected to the listener that reads the flow.
    case intercepted = 0x5043_0001
    /// Goes on unread: to the listener that relays it, or forwarded by the kernel where the ruleset can. Explicit address
    /// rules, and hosts that are not inspected once their hello is accepted.
    case direct = 0x5043_0002
    /// Answered by the kernel with a TCP reset or an ICMP error.
    case refused = 0x5043_0003
    /// Let through as far as its first message, which the packet plane reads before any of it leaves.
    case judging = 0x5043_0004

    /// The mark of a table with several agents: the third byte says whose flow it is.
    package func value(inScope scope: UInt8) -> UInt32 { rawValue | UInt32(scope) << 8 }

    /// What every mark of the gateway's has in its upper half, whosever it is.
    package static let prefix: UInt32 = 0x5043_0000
    package static let prefixMask: UInt32 = 0xffff_0000
}

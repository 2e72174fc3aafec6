internal import LinuxKernel

extension GatewayRuleset {
    /// The ruleset of a gateway's own namespace, where ports and queue are always the same.
    init(_ link: JailLink) {
        self.init(
            link: link, interceptPort: Limits.interceptPort, directPort: Limits.directPort, queue: Limits.queue)
    }
}

internal import Rulesets
internal import WireFormats

/// Loads `nft/gateway.nft` into the thread's network namespace.
package struct GatewayRuleset: Sendable {
    /// The cable whose agent's end is judged.
    package var link: JailLink
    package var interceptPort: UInt16
    package var directPort: UInt16
    package var queue: UInt16

    package init(link: JailLink, interceptPort: UInt16, directPort: UInt16, queue: UInt16) {
        self.link = link
        self.interceptPort = interceptPort
        self.directPort = directPort
        self.queue = queue
    }

    /// Loads the table in one transaction, with the native queue statement where the kernel has it.
    ///
    /// Where it has not, the same text is loaded without it, which drops what it would queue; a second transaction then
    /// adds the xtables target. Between the two nothing passes.
    ///
    /// - Parameter statement: from ``QueueTarget/kernelQueueStatement()``.
    package func load(_ statement: QueueStatement) throws(RulesetError) {
        switch statement {
        case .native: try RulesetText.load(definitions + Rulesets.gateway + Rulesets.judgeNative)
        case .xtables:
            try RulesetText.load(definitions + Rulesets.gateway)
            try QueueTarget.add([(chain: "judge", queue: queue)])
        }
    }

    /// On one line, so that the compiler's line numbers are off by one only.
    private var definitions: String {
        [
            "agent_link = \(link.gatewayName)", "agent4 = \(link.agentV4)", "agent6 = \(link.agentV6)",
            "intercept_port = \(interceptPort)", "direct_port = \(directPort)", "queue_number = \(queue)",
        ].map { "define \($0)" }.joined(separator: "; ") + "\n"
    }
}

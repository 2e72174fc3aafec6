/// Why the gateway's ruleset could not be loaded. Nothing of it is in force then.
package enum RulesetError: Error, Hashable, Sendable {
    /// The kernel or the ruleset compiler refused the text; its own words.
    case refused(String)
    /// Neither way to a packet queue exists in this kernel.
    case noQueue(SystemCallError)
}

extension RulesetError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let text): "the kernel refused the ruleset: \(text)"
        case .noQueue(let error):
            "this kernel can queue packets neither by nft's queue statement nor by the NFQUEUE target (\(error))"
        }
    }
}

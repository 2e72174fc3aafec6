/// Which way this kernel hands packets to a queue.
package enum QueueStatement: String, Hashable, Sendable, CaseIterable {
    /// nf_tables' own `queue` (`CONFIG_NFT_QUEUE`).
    case native = "nft queue"
    /// The xtables `NFQUEUE` target, used by nf_tables through nft_compat.
    case xtables = "xtables NFQUEUE"
}

internal import CLinux
internal import Glibc

/// Messages of nf_tables (linux/netfilter/nf_tables.h).
extension NetlinkMessage {
    enum TableMessage {
        case newTable, getTable, deleteTable, newChain, getChain, newRule, getRule

        /// With the subsystem in the upper byte, as a netlink header has it.
        var type: UInt16 {
            let message = switch self {
            case .newTable: NFT_MSG_NEWTABLE
            case .getTable: NFT_MSG_GETTABLE
            case .deleteTable: NFT_MSG_DELTABLE
            case .newChain: NFT_MSG_NEWCHAIN
            case .getChain: NFT_MSG_GETCHAIN
            case .newRule: NFT_MSG_NEWRULE
            case .getRule: NFT_MSG_GETRULE
            }
            return UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(message.rawValue)
        }
    }

    /// What `body` appends takes effect at once, or not at all.
    mutating func transaction(_ body: (inout NetlinkMessage) -> Void) {
        begin(type: UInt16(NFNL_MSG_BATCH_BEGIN), flags: NLM_F_REQUEST)
        append([UInt8(AF_UNSPEC), 0, 0, UInt8(NFNL_SUBSYS_NFTABLES)])
        end()
        body(&self)
        begin(type: UInt16(NFNL_MSG_BATCH_END), flags: NLM_F_REQUEST)
        append([UInt8(AF_UNSPEC), 0, 0, UInt8(NFNL_SUBSYS_NFTABLES)])
        end()
    }

    mutating func begin(type: TableMessage, flags: Int32) { begin(type: type.type, flags: flags) }

    /// `struct nfgenmsg`: the family that a table is of.
    mutating func family(_ family: Int) { append([UInt8(family), 0, 0, 0]) }
}

internal import CLinux

/// One transaction on this namespace's ruleset, as nfnetlink tells it (`NFNLGRP_NFTABLES`).
package struct RulesetChange: Hashable, Sendable {
    /// The tables that something was changed in.
    package var tables: Set<String>
    /// The thread that did it, by its number in the outermost process namespace (`NFTA_GEN_PROC_PID`); `nil` where the
    /// kernel has not said.
    package var thread: UInt32?

    package init(tables: Set<String>, thread: UInt32?) {
        self.tables = tables
        self.thread = thread
    }
}

/// Puts the messages of a transaction together: what was changed, and then the new generation with who did it.
struct RulesetChangeReader {
    private var tables: Set<String> = []
    /// More tables than this in one transaction are counted as a change of any of ours.
    private static let limit = 4096

    /// - Parameter message: one datagram of the socket: one netlink message or several.
    /// - Returns: the transactions that are complete with it.
    mutating func read(_ message: [UInt8]) -> [RulesetChange] {
        var changes: [RulesetChange] = []
        var offset = 0
        while offset + 20 <= message.count {
            let length = Int(UInt32(littleEndianIn: message, at: offset))
            guard length >= 20, offset + length <= message.count else { break }
            let type = UInt16(message[offset + 4]) | UInt16(message[offset + 5]) << 8
            if type >> 8 == UInt16(NFNL_SUBSYS_NFTABLES) {
                let change = read(type & 0xff, message, from: offset + 20, to: offset + length)
                if let change { changes.append(change) }
            }
            offset += (length + 3) & ~3
        }
        return changes
    }

    private mutating func read(_ type: UInt16, _ message: [UInt8], from start: Int, to end: Int) -> RulesetChange? {
        guard type != UInt16(NFT_MSG_NEWGEN.rawValue) else {
            var thread: UInt32?
            NetlinkSocket.forEachAttribute(of: message, from: start, to: end) { attribute, range in
                guard attribute == UInt16(NFTA_GEN_PROC_PID.rawValue), range.count >= 4 else { return }
                thread = UInt32(bigEndian: UInt32(littleEndianIn: message, at: range.lowerBound))
            }
            defer { tables = [] }
            return RulesetChange(tables: tables, thread: thread)
        }
        // Whatever is changed, the first attribute is the table's name: NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE,
        // NFTA_SET_TABLE, NFTA_SET_ELEM_LIST_TABLE, NFTA_OBJ_TABLE, NFTA_FLOWTABLE_TABLE are all 1.
        NetlinkSocket.forEachAttribute(of: message, from: start, to: end) { attribute, range in
            guard attribute == 1, tables.count < Self.limit else { return }
            let name = message[range].prefix { $0 != 0 }
            tables.insert(String(decoding: name, as: UTF8.self))
        }
        return nil
    }
}

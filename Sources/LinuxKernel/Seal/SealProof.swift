internal import CLinux
internal import CNetfilter
internal import Glibc

/// What the kernel says of an agent's seal in one namespace, read back after it was woken.
package struct SealProof: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Awake, with every hook.
        case inForce
        case asleep
        /// There is no such table.
        case missing
        /// Awake, but not what was loaded.
        case altered
    }

    package var state: State
    /// The tables as the ruleset compiler lists them, without counters; empty where there are none.
    package var listing: String

    /// Looks at the thread's network namespace.
    ///
    /// - Parameter expected: the listing when the tables were loaded; `nil` where nobody has kept it: then the number of
    ///   hooks is looked at.
    package init(table name: String, hasBridge: Bool, expected: String?) throws(SystemCallError) {
        guard let flags = try Self.flags(of: name) else {
            self.init(state: .missing, listing: "")
            return
        }
        var listing = (try? RulesetText.list("table inet \(name)")) ?? ""
        if hasBridge { listing += (try? RulesetText.list("table bridge \(name)")) ?? "" }
        guard flags & UInt32(NFT_TABLE_F_DORMANT.rawValue) == 0, !Self.isAsleep(listing) else {
            self.init(state: .asleep, listing: listing)
            return
        }
        let hooks = listing.split(separator: "\n").count { $0.contains(" hook ") }
        let isWhole = expected.map { Self.awake($0) == Self.awake(listing) } ?? (hooks >= Self.hooks)
        self.init(state: isWhole ? .inForce : .altered, listing: listing)
    }

    private init(state: State, listing: String) {
        self.state = state
        self.listing = listing
    }

    /// Five places of a packet's way, before and after the packet queue.
    private static let hooks = 10

    /// How many base chains stand in its way.
    package var hookCount: Int { listing.split(separator: "\n").count { $0.contains(" hook ") } }

    /// How many rules there are, beside the chains' policies.
    package var ruleCount: Int {
        listing.split(separator: "\n").count { $0.contains(" drop") || $0.contains(" accept") || $0.contains("jump ") }
            - hookCount
    }

    private static func isAsleep(_ listing: String) -> Bool {
        listing.split(separator: "\n").contains { $0.contains("flags dormant") }
    }

    /// A listing but for whether it is asleep, and for empty lines.
    private static func awake(_ listing: String) -> [Substring] {
        listing.split(separator: "\n").filter { !$0.contains("flags dormant") && !$0.allSatisfy(\.isWhitespace) }
    }

    /// - Returns: `nil` where there is no such table.
    private static func flags(of table: String) throws(SystemCallError) -> UInt32? {
        let socket = try NetlinkSocket(family: NETLINK_NETFILTER)
        var message = NetlinkMessage()
        message.begin(type: .getTable, flags: NLM_F_REQUEST)
        message.family(NFPROTO_INET)
        message.attribute(UInt16(NFTA_TABLE_NAME.rawValue), string: table)
        message.end()
        let replies: [[UInt8]]
        do {
            replies = try socket.dump(message, "read the seal back", isOneReply: true)
        } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
        var flags: UInt32 = 0
        for reply in replies {
            NetlinkSocket.forEachAttribute(of: reply, from: 20, to: reply.count) { type, range in
                guard type == UInt16(NFTA_TABLE_FLAGS.rawValue), range.count >= 4 else { return }
                flags = UInt32(bigEndian: UInt32(littleEndianIn: reply, at: range.lowerBound))
            }
        }
        return flags
    }
}

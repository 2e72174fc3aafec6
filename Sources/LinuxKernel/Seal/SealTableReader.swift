internal import CLinux
internal import Glibc

/// Looks at seal tables of one network namespace: whether they are there, and awake.
package struct SealTableReader: ~Copyable, Sendable {
    private let socket: NetlinkSocket

    /// Of the thread's network namespace, whoever asks later.
    package init() throws(SystemCallError) { socket = try NetlinkSocket(family: NETLINK_NETFILTER) }

    /// - Returns: `nil` where there is no such table.
    package func isAwake(_ table: String) throws(SystemCallError) -> Bool? {
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
        return flags & UInt32(NFT_TABLE_F_DORMANT.rawValue) == 0
    }
}

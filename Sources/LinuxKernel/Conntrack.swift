internal import CLinux
internal import Glibc

/// Connection tracking of one network namespace (linux/netfilter/nfnetlink_conntrack.h).
package struct Conntrack: ~Copyable, Sendable {
    private let socket: NetlinkSocket

    /// Of the thread's network namespace, whoever asks later.
    package init() throws(SystemCallError) { socket = try NetlinkSocket(family: NETLINK_NETFILTER) }

    /// Forgets every flow whose mark is `mark` in the bits of `mask`: what comes of it next is judged as new.
    ///
    /// - Parameter mask: 0, with a mark of 0, for all flows.
    package func forget(mark: UInt32, mask: UInt32) throws(SystemCallError) {
        let message = Self.message(IPCTNL_MSG_CT_DELETE, flags: NLM_F_REQUEST | NLM_F_ACK, mark: mark, mask: mask)
        try socket.transact(message, acknowledgements: 1, "forget marked flows")
    }

    /// How many flows there are with such marks.
    package func count(mark: UInt32, mask: UInt32) throws(SystemCallError) -> Int {
        let message = Self.message(IPCTNL_MSG_CT_GET, flags: NLM_F_REQUEST | NLM_F_DUMP, mark: mark, mask: mask)
        return try socket.dump(message, "count marked flows").count
    }

    private static func message(
        _ type: cntl_msg_types, flags: Int32, mark: UInt32, mask: UInt32
    ) -> NetlinkMessage {
        var message = NetlinkMessage()
        message.begin(type: UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(type.rawValue), flags: flags)
        message.append([UInt8(AF_UNSPEC), UInt8(NFNETLINK_V0), 0, 0])
        message.attribute(UInt16(CTA_MARK.rawValue), native: mark.bigEndian)
        message.attribute(UInt16(CTA_MARK_MASK.rawValue), native: mask.bigEndian)
        message.end()
        return message
    }
}

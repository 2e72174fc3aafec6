internal import CLinux
internal import Glibc

/// Connection tracking of the thread's network namespace (linux/netfilter/nfnetlink_conntrack.h).
package enum Conntrack {
    /// Forgets every flow whose mark is `mark` in the bits of `mask`: what comes of it next is judged as new.
    package static func forget(mark: UInt32, mask: UInt32) throws(SystemCallError) {
        let socket = try NetlinkSocket(family: NETLINK_NETFILTER)
        var message = NetlinkMessage()
        message.begin(
            type: UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(IPCTNL_MSG_CT_DELETE.rawValue),
            flags: NLM_F_REQUEST | NLM_F_ACK)
        message.append([UInt8(AF_UNSPEC), UInt8(NFNETLINK_V0), 0, 0])
        message.attribute(UInt16(CTA_MARK.rawValue), native: mark.bigEndian)
        message.attribute(UInt16(CTA_MARK_MASK.rawValue), native: mask.bigEndian)
        message.end()
        try socket.transact(message, acknowledgements: 1, "forget marked flows")
    }
}

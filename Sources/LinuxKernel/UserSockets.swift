internal import CLinux
internal import Glibc

/// TCP sockets that exist already, by the user they belong to (sock_diag(7)).
package enum UserSockets {
    /// Closes the users' connections of the thread's network namespace; their peers get a reset.
    ///
    /// A rule knows a socket's user only for as long as a process holds the socket: what one that was closed with data
    /// pending still sends is nobody's.
    ///
    /// - Throws: where the kernel cannot (`CONFIG_INET_DIAG_DESTROY`).
    package static func end(of users: [UInt32]) throws(SystemCallError) {
        guard !users.isEmpty else { return }
        let socket = try NetlinkSocket(family: NETLINK_SOCK_DIAG)
        for family in [AF_INET, AF_INET6] {
            for reply in try socket.dump(question(family), "list sockets") {
                // struct nlmsghdr, struct inet_diag_msg: the identity's 48 bytes at 20, the user at 80.
                guard reply.count >= 84, users.contains(UInt32(littleEndianIn: reply, at: 80)) else { continue }
                do {
                    try socket.transact(
                        message(type: UInt16(SOCK_DESTROY), flags: NLM_F_REQUEST | NLM_F_ACK, family, Array(reply[20..<68])),
                        acknowledgements: 1, "close a socket")
                } catch where error.number == ENOENT {
                    // Gone by itself meanwhile.
                }
            }
        }
    }

    private static func question(_ family: Int32) -> NetlinkMessage {
        message(
            type: UInt16(SOCK_DIAG_BY_FAMILY), flags: NLM_F_REQUEST | NLM_F_DUMP, family, [UInt8](repeating: 0, count: 48))
    }

    /// struct inet_diag_req_v2
    private static func message(type: UInt16, flags: Int32, _ family: Int32, _ identity: [UInt8]) -> NetlinkMessage {
        // In TIME-WAIT nothing is left to send, and a listener sends nothing: who comes to it is refused.
        let states = ~(UInt32(1) << UInt32(CLINUX_TCP_TIME_WAIT) | UInt32(1) << UInt32(CLINUX_TCP_LISTEN))
        var message = NetlinkMessage()
        message.begin(type: type, flags: flags)
        message.append([UInt8(family), UInt8(IPPROTO_TCP), 0, 0])
        message.appendNative(states)
        message.append(identity)
        message.end()
        return message
    }
}

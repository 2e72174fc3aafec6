internal import CLinux
internal import Glibc

/// TCP sockets of one network namespace that exist already (sock_diag(7)).
package struct TCPSockets: ~Copyable, Sendable {
    private let socket: NetlinkSocket

    /// Of the thread's network namespace, whoever asks later.
    package init() throws(SystemCallError) { socket = try NetlinkSocket(family: NETLINK_SOCK_DIAG) }

    package enum Selection: Sendable {
        /// Those of users. A rule knows a socket's user only for as long as a process holds the socket: what one that was
        /// closed with data pending still sends is nobody's.
        case users([UInt32])
        /// Those with a mark, whether a process still holds them or not.
        case mark(UInt32)
        case all
    }

    /// Closes connections, with what they had not sent yet; their peers get a reset.
    ///
    /// - Returns: how many there were.
    /// - Throws: where the kernel cannot (`CONFIG_INET_DIAG_DESTROY`).
    @discardableResult
    package func end(_ selection: Selection) throws(SystemCallError) -> Int {
        if case .users(let users) = selection, users.isEmpty { return 0 }
        var count = 0
        for family in [AF_INET, AF_INET6] {
            for reply in try socket.dump(Self.question(family), "list sockets") {
                // struct nlmsghdr, struct inet_diag_msg: the identity's 48 bytes at 20.
                guard reply.count >= 88, Self.isSelected(reply, selection) else { continue }
                do {
                    try socket.transact(
                        Self.message(type: UInt16(SOCK_DESTROY), flags: NLM_F_REQUEST | NLM_F_ACK, family, Array(reply[20..<68])),
                        acknowledgements: 1, "close a socket")
                    count += 1
                } catch where error.number == ENOENT {
                    // Gone by itself meanwhile.
                }
            }
        }
        return count
    }

    private static func isSelected(_ reply: [UInt8], _ selection: Selection) -> Bool {
        switch selection {
        case .all: return true
        case .users(let users): return users.contains(UInt32(littleEndianIn: reply, at: 80))
        case .mark(let mark):
            // CAP_NET_ADMIN is told the mark.
            var found: UInt32?
            NetlinkSocket.forEachAttribute(of: reply, from: 88, to: reply.count) { type, range in
                guard type == UInt16(INET_DIAG_MARK), range.count >= 4 else { return }
                found = UInt32(littleEndianIn: reply, at: range.lowerBound)
            }
            return found == mark
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

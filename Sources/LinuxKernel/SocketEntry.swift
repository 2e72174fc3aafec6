package import WireFormats

/// One internet socket, as sock_diag(7) has it.
package struct SocketEntry: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case tcp
        case udp
        case raw
    }

    package var kind: Kind
    package var family: IPAddress.Family
    package var local: IPAddress
    package var localPort: UInt16
    /// All zeros where the socket is not connected.
    package var remote: IPAddress
    package var remotePort: UInt16
    /// As include/net/tcp_states.h counts them; of other sockets than TCP's, 1 is connected and 7 is not.
    package var state: UInt8
    package var user: UInt32
    /// 0 for one that no process holds any more.
    package var inode: UInt64
    /// Bytes that wait to be read, of a listener connections that wait to be accepted.
    package var receiveQueue: UInt32
    package var sendQueue: UInt32
    /// `SO_MARK`; `nil` where the kernel does not say.
    package var mark: UInt32?
    /// The number of its control group; `nil` where the kernel does not say.
    package var cgroup: UInt64?

    /// The state's name, as ss(8) prints it.
    package var stateName: String {
        let names = [
            "UNKNOWN", "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "UNCONN", "CLOSE-WAIT",
            "LAST-ACK", "LISTEN", "CLOSING", "SYN-RECV",
        ]
        return Int(state) < names.count ? names[Int(state)] : "UNKNOWN"
    }
}

package import WireFormats

/// One flow of connection tracking (linux/netfilter/nfnetlink_conntrack.h).
package struct ConntrackEntry: Hashable, Sendable {
    /// Who sends to whom, as the packets of one direction have it.
    package struct Tuple: Hashable, Sendable {
        package var source: IPAddress
        package var destination: IPAddress
        /// Of the IP header: 6 is TCP, 17 UDP.
        package var protocolNumber: UInt8
        /// `nil` where the protocol has none.
        package var sourcePort: UInt16?
        package var destinationPort: UInt16?
    }

    /// What has gone one way; there only where the kernel counts (`net.netfilter.nf_conntrack_acct`).
    package struct Counters: Hashable, Sendable {
        package var packets: UInt64
        package var bytes: UInt64
    }

    package var original: Tuple
    /// As answers come: its source is where the flow really goes, whatever address was dialled.
    package var reply: Tuple?
    package var mark: UInt32 = 0
    /// Bits of `enum ip_conntrack_status`.
    package var status: UInt32 = 0
    /// Seconds until the flow is forgotten, if nothing more comes.
    package var timeoutSeconds: UInt32?
    /// As `enum tcp_conntrack` counts them.
    package var tcpState: UInt8?
    package var originalCounters: Counters?
    package var replyCounters: Counters?

    /// The state's name, as conntrack(8) prints it.
    package var tcpStateName: String? {
        let names = [
            "NONE", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE", "SYN_SENT2",
        ]
        return tcpState.flatMap { Int($0) < names.count ? names[Int($0)] : nil }
    }

    /// Names of the status bits that are set and say something of the flow's life.
    package var statusNames: [String] {
        let names: [(UInt32, String)] = [
            (1 << 1, "SEEN_REPLY"), (1 << 2, "ASSURED"), (1 << 3, "CONFIRMED"), (1 << 4, "SRC_NAT"), (1 << 5, "DST_NAT"),
            (1 << 9, "DYING"), (1 << 10, "FIXED_TIMEOUT"), (1 << 14, "OFFLOAD"),
        ]
        return names.filter { status & $0.0 != 0 }.map(\.1)
    }
}

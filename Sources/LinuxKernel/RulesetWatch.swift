internal import CLinux
internal import Glibc

/// Hears of every change of a network namespace's ruleset.
package struct RulesetWatch: ~Copyable, Sendable {
    /// What has been heard since the last time.
    package enum News: Sendable {
        case changes([RulesetChange])
        /// More was changed than the socket had room for: anything may have been.
        case overrun
    }

    private let socket: NetlinkSocket
    private var reader = RulesetChangeReader()

    /// Bytes that the kernel keeps for us: some thousand changes.
    private static let bufferBytes: Int32 = 4 << 20

    /// Of the thread's network namespace, from now on.
    package init() throws(SystemCallError) {
        let socket = try NetlinkSocket(family: NETLINK_NETFILTER)
        // Without a number of its own a socket is passed over: a notice goes to all but number 0, which means nobody.
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        // SAFETY: the structure is ours, and its size is given.
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket.descriptor.number, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
            }
        }
        guard bound == 0 else { throw .last("watch the ruleset") }
        var group = Int32(NFNLGRP_NFTABLES.rawValue)
        // SAFETY: a number with its size.
        let joined = unsafe setsockopt(
            socket.descriptor.number, Int32(CLINUX_SOL_NETLINK), Int32(NETLINK_ADD_MEMBERSHIP), &group, socklen_t(MemoryLayout<Int32>.size))
        guard joined == 0 else { throw .last("watch the ruleset") }
        var size = Self.bufferBytes
        // SAFETY: as above. Without the larger buffer there are overruns sooner, which are looked after.
        _ = unsafe setsockopt(
            socket.descriptor.number, SOL_SOCKET, SO_RCVBUFFORCE, &size, socklen_t(MemoryLayout<Int32>.size))
        self.socket = socket
    }

    /// Finds out how the kernel numbers the calling thread in the news: as the outermost process namespace does, which a
    /// container cannot know. Something is changed that changes nothing, and the news says who did it.
    ///
    /// In the thread's network namespace, which must be the one that is watched. Reads away what is waiting.
    ///
    /// - Returns: `nil` where others changed so much meanwhile that it could not be told, or the kernel does not say.
    package mutating func ownThread() throws(SystemCallError) -> UInt32? {
        let mine = try NetlinkSocket(family: NETLINK_NETFILTER)
        var message = NetlinkMessage()
        message.transaction { batch in
            for type in [NetlinkMessage.TableMessage.newTable, .deleteTable] {
                batch.begin(type: type, flags: NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK)
                batch.family(NFPROTO_INET)
                batch.attribute(UInt16(NFTA_TABLE_NAME.rawValue), string: Self.probe)
                batch.end()
            }
        }
        for _ in 0..<8 {
            _ = try read()
            try mine.transact(message, acknowledgements: 2, "touch the ruleset")
            guard case .changes(let changes) = try read() else { continue }
            let own = changes.filter { $0.tables == [Self.probe] }
            if own.count == 1 { return own[0].thread }
        }
        return nil
    }

    private static let probe = "portcullis_probe"

    package var pollDescriptor: Int32 { socket.descriptor.number }

    /// Reads what there is, without waiting.
    package mutating func read() throws(SystemCallError) -> News {
        var changes: [RulesetChange] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            // SAFETY: the kernel writes at most `count` bytes.
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(socket.descriptor.number, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
            }
            if count > 0 {
                changes += reader.read(Array(buffer[..<count]))
            } else if count < 0, errno == ENOBUFS {
                reader = RulesetChangeReader()
                return .overrun
            } else if count < 0, errno == EINTR {
                continue
            } else {
                guard count == 0 || errno == EAGAIN else { throw .last("hear of the ruleset") }
                return .changes(changes)
            }
        }
    }
}

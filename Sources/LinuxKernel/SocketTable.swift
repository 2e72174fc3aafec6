internal import CLinux
internal import Glibc
internal import WireFormats

/// The sockets of the thread's network namespace (sock_diag(7)).
package enum SocketTable {
    package struct Found: Hashable, Sendable {
        package var entries: [SocketEntry] = []
        /// Unix sockets of the namespace, and those of them that were wanted; `nil` where they cannot be listed.
        package var unixCount: Int?
        package var wantedUnixCount: Int?
        /// True when there are more than the limit.
        package var isTruncated = false
        /// False when the tables changed so much while they were read that some may be missing or be there twice.
        package var isConsistent = true
        /// Messages that could not be understood.
        package var malformed = 0
        /// Tables that could not be listed, and why.
        package var failures: [String] = []
    }

    /// The most sockets that are listed unless the caller asks for another number; each takes some hundred bytes.
    package static let limit = 65_536
    /// The most of a table of `/proc` that is read, in bytes; a larger one counts as one that cannot be listed.
    static let textLimitBytes = 64 << 20

    /// The sockets that `isWanted` takes: TCP, UDP and raw ones of both families. Of Unix sockets only the number.
    ///
    /// - Parameters:
    ///   - limit: of the list; what is beyond it is left out, and ``Found/isTruncated`` set.
    ///   - isWantedUnix: given the number of a Unix socket.
    package static func find(
        limit: Int = Self.limit, _ isWanted: (SocketEntry) -> Bool, unix isWantedUnix: (UInt64) -> Bool
    ) -> Found {
        var found = Found()
        for kind in SocketEntry.Kind.allCases {
            for family in [IPAddress.Family.v4, .v6] {
                do throws(SystemCallError) {
                    do throws(SystemCallError) {
                        try list(kind, family, limit, &found, isWanted)
                    } catch where kind == .raw && error.number == ENOENT {
                        try listRaw(family, limit, &found, isWanted)
                    }
                } catch {
                    found.failures.append("\(kind.rawValue), IP\(family): \(error)")
                }
            }
        }
        do throws(SystemCallError) {
            try countUnix(&found, isWantedUnix)
        } catch {
            found.failures.append("unix: \(error)")
        }
        return found
    }

    private static func list(
        _ kind: SocketEntry.Kind, _ family: IPAddress.Family, _ limit: Int, _ found: inout Found,
        _ isWanted: (SocketEntry) -> Bool
    ) throws(SystemCallError) {
        // struct inet_diag_req_v2: family, protocol, what more is asked for, padding, states, and an identity of zeros.
        var message = NetlinkMessage()
        message.begin(type: UInt16(SOCK_DIAG_BY_FAMILY), flags: NLM_F_REQUEST | NLM_F_DUMP)
        message.append([UInt8(family == .v4 ? AF_INET : AF_INET6), number(of: kind), 0, 0])
        message.appendNative(UInt32.max)
        message.append([UInt8](repeating: 0, count: 48))
        message.end()
        // A socket each: one list may be left before its end.
        let socket = try NetlinkSocket(family: NETLINK_SOCK_DIAG)
        let isConsistent = try socket.forEachReply(to: message, "list sockets") { reply in
            guard let entry = entry(reply, kind) else {
                found.malformed += 1
                return true
            }
            guard isWanted(entry) else { return true }
            guard found.entries.count < limit else {
                found.isTruncated = true
                return false
            }
            found.entries.append(entry)
            return true
        }
        if !isConsistent { found.isConsistent = false }
    }

    /// Without the kernel's module for raw sockets, what `/proc` says: no marks and no groups.
    private static func listRaw(
        _ family: IPAddress.Family, _ limit: Int, _ found: inout Found, _ isWanted: (SocketEntry) -> Bool
    ) throws(SystemCallError) {
        let table = try FileText.read("/proc/thread-self/net/\(family == .v4 ? "raw" : "raw6")", limit: textLimitBytes)
        for entry in SocketText.raw(String(decoding: table, as: UTF8.self), family) where isWanted(entry) {
            guard found.entries.count < limit else {
                found.isTruncated = true
                return
            }
            found.entries.append(entry)
        }
    }

    private static func countUnix(_ found: inout Found, _ isWanted: (UInt64) -> Bool) throws(SystemCallError) {
        let table = try FileText.read("/proc/thread-self/net/unix", limit: textLimitBytes)
        let inodes = SocketText.unixInodes(String(decoding: table, as: UTF8.self))
        found.unixCount = inodes.count
        found.wantedUnixCount = inodes.count(where: isWanted)
    }

    private static func number(of kind: SocketEntry.Kind) -> UInt8 {
        switch kind {
        case .tcp: UInt8(IPPROTO_TCP)
        case .udp: UInt8(IPPROTO_UDP)
        case .raw: UInt8(IPPROTO_RAW)
        }
    }

    /// - Parameter message: `struct nlmsghdr`, `struct inet_diag_msg`, attributes.
    /// - Returns: `nil` for what is too short or of another family.
    static func entry(_ message: [UInt8], _ kind: SocketEntry.Kind) -> SocketEntry? {
        guard message.count >= 88 else { return nil }
        let family: IPAddress.Family
        switch Int32(message[16]) {
        case AF_INET: family = .v4
        case AF_INET6: family = .v6
        default: return nil
        }
        guard let local = IPAddress(family, in: message.span, at: 24), let remote = IPAddress(family, in: message.span, at: 40)
        else { return nil }
        var entry = SocketEntry(
            kind: kind, family: family, local: local, localPort: port(message, 20), remote: remote,
            remotePort: port(message, 22), state: message[17], user: UInt32(littleEndianIn: message, at: 80),
            inode: UInt64(UInt32(littleEndianIn: message, at: 84)), receiveQueue: UInt32(littleEndianIn: message, at: 72),
            sendQueue: UInt32(littleEndianIn: message, at: 76))
        NetlinkSocket.forEachAttribute(of: message, from: 88, to: message.count) { type, range in
            switch (Int(type), range.count) {
            case (Int(INET_DIAG_MARK), 4): entry.mark = UInt32(littleEndianIn: message, at: range.lowerBound)
            case (Int(INET_DIAG_CGROUP_ID), 8):
                entry.cgroup = UInt64(UInt32(littleEndianIn: message, at: range.lowerBound))
                    | UInt64(UInt32(littleEndianIn: message, at: range.lowerBound + 4)) << 32
            default: break
            }
        }
        return entry
    }

    /// Ports are in network order.
    private static func port(_ message: [UInt8], _ offset: Int) -> UInt16 {
        UInt16(message[offset]) << 8 | UInt16(message[offset + 1])
    }
}

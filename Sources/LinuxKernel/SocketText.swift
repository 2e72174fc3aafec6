internal import WireFormats

/// Reads the tables of sockets below `/proc/PID/net` (proc_pid_net(5)).
enum SocketText {
    /// Raw sockets. In the place of the local port stands the protocol's number.
    ///
    /// - Parameter table: the text of `raw` or `raw6`.
    static func raw(_ table: String, _ family: IPAddress.Family) -> [SocketEntry] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
            let fields = line.split(separator: " ", maxSplits: 10)
            guard fields.count > 9, let local = end(fields[1], family), let remote = end(fields[2], family),
                let state = UInt8(fields[3], radix: 16), let user = UInt32(fields[7]), let inode = UInt64(fields[9])
            else { return nil }
            let queues = fields[4].split(separator: ":")
            guard queues.count == 2, let sending = UInt32(queues[0], radix: 16), let receiving = UInt32(queues[1], radix: 16)
            else { return nil }
            return SocketEntry(
                kind: .raw, family: family, local: local.address, localPort: local.port, remote: remote.address,
                remotePort: remote.port, state: state, user: user, inode: inode, receiveQueue: receiving, sendQueue: sending)
        }
    }

    /// Numbers of Unix sockets.
    ///
    /// - Parameter table: the text of `unix`.
    static func unixInodes(_ table: String) -> [UInt64] {
        // Num RefCount Protocol Flags Type St Inode [Path]; a path may hold line feeds.
        table.utf8.split(separator: UInt8(ascii: "\n")).map(Substring.init).dropFirst().compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 7)
            guard fields.count >= 7, fields[0].hasSuffix(":"), fields[1].count == 8 else { return nil }
            return UInt64(fields[6])
        }
    }

    /// `0100007F:0001`: the address as 32-bit words of this machine's order, which is little-endian.
    private static func end(_ text: Substring, _ family: IPAddress.Family) -> (address: IPAddress, port: UInt16)? {
        let parts = text.split(separator: ":")
        let words = family == .v4 ? 1 : 4
        guard parts.count == 2, parts[0].utf8.count == 8 * words, let port = UInt16(parts[1], radix: 16) else { return nil }
        var bytes: [UInt8] = []
        var rest = parts[0]
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
            rest = rest.dropFirst(8)
        }
        return IPAddress(family, in: bytes.span, at: 0).map { ($0, port) }
    }
}

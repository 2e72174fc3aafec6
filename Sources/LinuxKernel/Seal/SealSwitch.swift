internal import CLinux
internal import Glibc

/// The message that wakes seal tables of one network namespace, built beforehand, and the socket that it goes through.
///
/// One transaction: it takes effect inside send(2), for all of the tables or for none.
package struct SealSwitch: ~Copyable, Sendable {
    private let socket: NetlinkSocket
    private let message: [UInt8]
    private let acknowledgements: Int

    /// - Parameters:
    ///   - tables: of the thread's network namespace, to which the switch belongs from now on.
    ///   - isAsleep: whether the switch puts them to sleep rather than wakes them.
    package init(_ tables: [(name: String, hasBridge: Bool)], isAsleep: Bool = false) throws(SystemCallError) {
        socket = try NetlinkSocket(family: NETLINK_NETFILTER)
        let (bytes, count) = Self.message(tables, isAsleep: isAsleep)
        message = bytes
        acknowledgements = count
    }

    /// One transaction for all of the tables.
    static func message(
        _ tables: [(name: String, hasBridge: Bool)], isAsleep: Bool
    ) -> (bytes: [UInt8], acknowledgements: Int) {
        var count = 0
        var message = NetlinkMessage()
        message.transaction { batch in
            for table in tables {
                for family in [NFPROTO_INET, NFPROTO_BRIDGE] where family == NFPROTO_INET || table.hasBridge {
                    // Without NLM_F_CREATE: a table that is not there must be loaded whole.
                    batch.begin(type: .newTable, flags: NLM_F_REQUEST | NLM_F_ACK)
                    batch.family(family)
                    batch.attribute(UInt16(NFTA_TABLE_NAME.rawValue), string: table.name)
                    batch.attribute(UInt16(NFTA_TABLE_FLAGS.rawValue), native: Self.flags(isAsleep: isAsleep))
                    batch.end()
                    count += 1
                }
            }
        }
        return (message.bytes, count)
    }

    /// Sends the message. Allocates nothing but where it fails.
    ///
    /// - Throws: the kernel's answer; `ENOENT` where one of the tables is missing, and then none has changed.
    package func flip() throws(SystemCallError) {
        // SAFETY: the buffer outlives the call, and its count is the length given.
        let sent = unsafe message.withUnsafeBytes { unsafe send(socket.descriptor.number, $0.baseAddress, $0.count, 0) }
        guard sent == message.count else { throw .last("seal") }
        try socket.acknowledge(acknowledgements, "seal")
    }

    static func flags(isAsleep: Bool) -> UInt32 { isAsleep ? UInt32(NFT_TABLE_F_DORMANT.rawValue).bigEndian : 0 }
}

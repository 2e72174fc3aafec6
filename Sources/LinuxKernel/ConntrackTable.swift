internal import CLinux
internal import Glibc
internal import WireFormats

/// The flows that connection tracking knows in the thread's network namespace.
package enum ConntrackTable {
    package struct Found: Hashable, Sendable {
        package var entries: [ConntrackEntry] = []
        /// True when there are more than the limit.
        package var isTruncated = false
        /// False when the table changed so much while it was read that flows may be missing or be there twice.
        package var isConsistent = true
        /// Messages that could not be understood.
        package var malformed = 0
    }

    /// The most flows that are listed unless the caller asks for another number; each takes some hundred bytes.
    package static let limit = 65_536

    /// The flows, IPv4 and IPv6, that `isWanted` takes. They are judged one by one as they come: a table may be larger
    /// than memory should be.
    ///
    /// - Parameter limit: of the list; what is beyond it is left out, and ``Found/isTruncated`` set.
    package static func find(limit: Int = Self.limit, _ isWanted: (ConntrackEntry) -> Bool) throws(SystemCallError) -> Found {
        let socket = try NetlinkSocket(family: NETLINK_NETFILTER)
        var message = NetlinkMessage()
        message.begin(
            type: UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(IPCTNL_MSG_CT_GET.rawValue), flags: NLM_F_REQUEST | NLM_F_DUMP)
        message.append([UInt8(AF_UNSPEC), UInt8(NFNETLINK_V0), 0, 0])
        message.end()
        var found = Found()
        found.isConsistent = try socket.forEachReply(to: message, "list tracked flows") { reply in
            guard let entry = entry(reply) else {
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
        return found
    }

    /// - Parameter message: with its headers: `struct nlmsghdr`, `struct nfgenmsg`.
    /// - Returns: `nil` when it has no original direction.
    static func entry(_ message: [UInt8]) -> ConntrackEntry? {
        guard message.count >= 20 else { return nil }
        var original: ConntrackEntry.Tuple?
        var entry = ConntrackEntry(original: .init(source: IPAddress(v4: 0), destination: IPAddress(v4: 0), protocolNumber: 0))
        NetlinkSocket.forEachAttribute(of: message, from: 20, to: message.count) { type, range in
            switch UInt32(type) {
            case CTA_TUPLE_ORIG.rawValue: original = tuple(message, range)
            case CTA_TUPLE_REPLY.rawValue: entry.reply = tuple(message, range)
            case CTA_MARK.rawValue: entry.mark = number(message, range) ?? 0
            case CTA_STATUS.rawValue: entry.status = number(message, range) ?? 0
            case CTA_TIMEOUT.rawValue: entry.timeoutSeconds = number(message, range)
            case CTA_COUNTERS_ORIG.rawValue: entry.originalCounters = counters(message, range)
            case CTA_COUNTERS_REPLY.rawValue: entry.replyCounters = counters(message, range)
            case CTA_PROTOINFO.rawValue: entry.tcpState = tcpState(message, range)
            default: break
            }
        }
        guard let original else { return nil }
        entry.original = original
        return entry
    }

    private static func tuple(_ message: [UInt8], _ range: Range<Int>) -> ConntrackEntry.Tuple? {
        var source: IPAddress?
        var destination: IPAddress?
        var protocolNumber: UInt8?
        var ports: (source: UInt16?, destination: UInt16?)
        NetlinkSocket.forEachAttribute(of: message, from: range.lowerBound, to: range.upperBound) { type, inner in
            NetlinkSocket.forEachAttribute(of: message, from: inner.lowerBound, to: inner.upperBound) { kind, place in
                switch (UInt32(type), UInt32(kind)) {
                case (CTA_TUPLE_IP.rawValue, CTA_IP_V4_SRC.rawValue): source = address(.v4, message, place)
                case (CTA_TUPLE_IP.rawValue, CTA_IP_V4_DST.rawValue): destination = address(.v4, message, place)
                case (CTA_TUPLE_IP.rawValue, CTA_IP_V6_SRC.rawValue): source = address(.v6, message, place)
                case (CTA_TUPLE_IP.rawValue, CTA_IP_V6_DST.rawValue): destination = address(.v6, message, place)
                case (CTA_TUPLE_PROTO.rawValue, CTA_PROTO_NUM.rawValue): protocolNumber = number(message, place)
                case (CTA_TUPLE_PROTO.rawValue, CTA_PROTO_SRC_PORT.rawValue): ports.source = number(message, place)
                case (CTA_TUPLE_PROTO.rawValue, CTA_PROTO_DST_PORT.rawValue): ports.destination = number(message, place)
                default: break
                }
            }
        }
        guard let source, let destination, let protocolNumber else { return nil }
        return .init(
            source: source, destination: destination, protocolNumber: protocolNumber, sourcePort: ports.source,
            destinationPort: ports.destination)
    }

    private static func counters(_ message: [UInt8], _ range: Range<Int>) -> ConntrackEntry.Counters? {
        var packets: UInt64?
        var bytes: UInt64?
        NetlinkSocket.forEachAttribute(of: message, from: range.lowerBound, to: range.upperBound) { type, place in
            switch UInt32(type) {
            case CTA_COUNTERS_PACKETS.rawValue: packets = number(message, place)
            case CTA_COUNTERS_BYTES.rawValue: bytes = number(message, place)
            default: break
            }
        }
        guard let packets, let bytes else { return nil }
        return .init(packets: packets, bytes: bytes)
    }

    private static func tcpState(_ message: [UInt8], _ range: Range<Int>) -> UInt8? {
        var state: UInt8?
        NetlinkSocket.forEachAttribute(of: message, from: range.lowerBound, to: range.upperBound) { type, inner in
            guard UInt32(type) == CTA_PROTOINFO_TCP.rawValue else { return }
            NetlinkSocket.forEachAttribute(of: message, from: inner.lowerBound, to: inner.upperBound) { kind, place in
                if UInt32(kind) == CTA_PROTOINFO_TCP_STATE.rawValue { state = number(message, place) }
            }
        }
        return state
    }

    private static func address(_ family: IPAddress.Family, _ message: [UInt8], _ range: Range<Int>) -> IPAddress? {
        range.count == (family == .v4 ? 4 : 16) ? IPAddress(family, in: message.span, at: range.lowerBound) : nil
    }

    /// Everything of connection tracking is in network order, and as long as its type.
    private static func number<Number: FixedWidthInteger>(_ message: [UInt8], _ range: Range<Int>) -> Number? {
        guard range.count == MemoryLayout<Number>.size else { return nil }
        return message[range].reduce(0) { ($0 as Number) &<< 8 | Number($1) }
    }
}

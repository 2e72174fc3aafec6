/// The parts of an IPv4 or IPv6 header that a verdict needs, and where the transport header lies.
///
/// Sources: RFC 791, RFC 8200. Lengths are checked against the bytes at hand; nothing is read past them.
package struct IPPacket: Hashable, Sendable {
    package var source: IPAddress
    package var destination: IPAddress
    /// IANA protocol number of the transport header: 6 TCP, 17 UDP.
    package var transport: UInt8
    /// The transport header and what follows, as offsets into the packet.
    package var payload: Range<Int>
    /// True for every fragment but a whole packet; connection tracking puts fragments together before the queue, so one
    /// that is seen there is refused.
    package var isFragment: Bool

    package init?(_ bytes: Span<UInt8>) {
        switch bytes.byte(at: 0).map({ $0 >> 4 }) {
        case 4: self.init(v4: bytes)
        case 6: self.init(v6: bytes)
        default: return nil
        }
    }

    private init?(v4 bytes: Span<UInt8>) {
        guard bytes.count >= 20, let total = bytes.bigEndianUInt16(at: 2), let fragment = bytes.bigEndianUInt16(at: 6),
            let source = IPAddress(.v4, in: bytes, at: 12), let destination = IPAddress(.v4, in: bytes, at: 16)
        else { return nil }
        let headerLength = Int(bytes[0] & 15) * 4
        guard headerLength >= 20, headerLength <= Int(total), Int(total) <= bytes.count else { return nil }
        self.source = source
        self.destination = destination
        transport = bytes[9]
        payload = headerLength..<Int(total)
        isFragment = fragment & 0x3fff != 0
    }

    private init?(v6 bytes: Span<UInt8>) {
        guard bytes.count >= 40, let length = bytes.bigEndianUInt16(at: 4),
            let source = IPAddress(.v6, in: bytes, at: 8), let destination = IPAddress(.v6, in: bytes, at: 24)
        else { return nil }
        let end = 40 + Int(length)
        guard end <= bytes.count else { return nil }
        var next = bytes[6]
        var offset = 40
        var fragmented = false
        var headers = 0
        while true {
            switch next {
            case 0, 43, 60:  // hop-by-hop, routing, destination options
                guard let following = bytes.byte(at: offset), let units = bytes.byte(at: offset + 1) else { return nil }
                next = following
                offset += 8 + Int(units) * 8
            case 44:  // fragment
                guard let following = bytes.byte(at: offset), let field = bytes.bigEndianUInt16(at: offset + 2) else {
                    return nil
                }
                // An atomic fragment (RFC 6946) is a whole packet.
                fragmented = fragmented || field & 0xfff9 != 0
                next = following
                offset += 8
            default:
                guard offset <= end else { return nil }
                self.source = source
                self.destination = destination
                transport = next
                payload = offset..<end
                isFragment = fragmented
                return
            }
            headers += 1
            guard offset <= end, headers <= Limits.ipv6ExtensionHeaders else { return nil }
        }
    }
}

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
    /// The sender names stations on the way, so that the packet may end elsewhere than its header says: an IPv4 source
    /// route, or an IPv6 routing header of any type (RFC 791 section 3.1, RFC 8200 section 4.4).
    package var hasRoute: Bool

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
        hasRoute = Self.hasSourceRoute(bytes.extracting(20..<headerLength))
    }

    /// - Parameter options: of an IPv4 header. What cannot be read counts as a route.
    private static func hasSourceRoute(_ options: Span<UInt8>) -> Bool {
        var offset = 0
        while let kind = options.byte(at: offset), kind != 0 {
            if kind == 131 || kind == 137 { return true }  // loose and strict
            if kind == 1 {  // no operation
                offset += 1
                continue
            }
            guard let length = options.byte(at: offset + 1), length >= 2 else { return true }
            offset += Int(length)
        }
        return false
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
        var routed = false
        var headers = 0
        while true {
            switch next {
            case 0, 43, 60:  // hop-by-hop, routing, destination options
                guard let following = bytes.byte(at: offset), let units = bytes.byte(at: offset + 1) else { return nil }
                routed = routed || next == 43
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
                hasRoute = routed
                return
            }
            headers += 1
            guard offset <= end, headers <= Limits.ipv6ExtensionHeaders else { return nil }
        }
    }
}

/// The versions of QUIC whose first packets can be read: their keys follow from what the packets carry.
package enum QUICVersion: UInt32, Hashable, Sendable, CaseIterable {
    /// RFC 9000 and RFC 9001.
    case v1 = 0x0000_0001
    /// RFC 9369.
    case v2 = 0x6b33_43cf

    /// Of HKDF-Extract for the keys of Initial packets (RFC 9001 section 5.2, RFC 9369 section 3.3.1).
    package var initialSalt: [UInt8] {
        switch self {
        case .v1:
            [
                0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb,
                0x7f, 0x0a,
            ]
        case .v2:
            [
                0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd,
                0x2e, 0xd9,
            ]
        }
    }

    /// What the labels of HKDF-Expand-Label begin with: `quic key`, `quicv2 key`.
    package var labelPrefix: String {
        switch self {
        case .v1: "quic"
        case .v2: "quicv2"
        }
    }

    /// The packet type of a long header's two bits (RFC 9000 section 17.2, RFC 9369 section 3.2).
    func packetType(_ bits: UInt8) -> QUICLongHeader.PacketType {
        let types: [QUICLongHeader.PacketType] = [.initial, .zeroRTT, .handshake, .retry]
        return switch self {
        case .v1: types[Int(bits & 3)]
        case .v2: types[Int((bits &+ 3) & 3)]
        }
    }
}

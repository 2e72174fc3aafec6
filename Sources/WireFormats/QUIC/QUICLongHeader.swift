/// What stands in clear at the start of a QUIC packet with a long header (RFC 9000 section 17.2).
package struct QUICLongHeader: Hashable, Sendable {
    package enum PacketType: Hashable, Sendable {
        case initial
        case zeroRTT
        case handshake
        case retry
    }

    package var version: QUICVersion
    package var type: PacketType
    /// All ranges count from the packet's first byte.
    package var destinationID: Range<Int>
    package var sourceID: Range<Int>
    /// Of an Initial; empty otherwise.
    package var token: Range<Int>
    /// Where the protected packet number begins.
    package var packetNumber: Int
    /// Where the packet ends; another may follow in the datagram (RFC 9000 section 12.2).
    package var end: Int

    /// What begins at some place of a datagram.
    package enum ReadResult: Hashable, Sendable {
        case long(QUICLongHeader)
        /// A packet with a short header, or padding: it reaches to the datagram's end.
        case short
        /// A version that is not known, zero for Version Negotiation (RFC 8999 section 6).
        case otherVersion(UInt32)
        case malformed
    }

    /// Reads the packet at the start of `bytes`, the rest of a datagram.
    package static func read(_ bytes: Span<UInt8>) -> ReadResult {
        guard let first = bytes.byte(at: 0) else { return .malformed }
        guard first & 0x80 != 0 else { return .short }
        guard let number = bytes.bigEndianUInt32(at: 1) else { return .malformed }
        guard let version = QUICVersion(rawValue: number) else { return .otherVersion(number) }
        // The fixed bit; clients clear it only when a server said that it may be (RFC 9287), which none has yet.
        guard first & 0x40 != 0, let destinationID = connectionID(bytes, at: 5),
            let sourceID = connectionID(bytes, at: destinationID.upperBound)
        else { return .malformed }
        var header = QUICLongHeader(
            version: version, type: version.packetType(first >> 4 & 3), destinationID: destinationID, sourceID: sourceID,
            token: sourceID.upperBound..<sourceID.upperBound, packetNumber: bytes.count, end: bytes.count)
        switch header.type {
        case .retry: return .long(header)
        case .zeroRTT, .handshake: break
        case .initial:
            guard let token = bytes.quicLengthPrefixed(at: sourceID.upperBound) else { return .malformed }
            header.token = token
        }
        guard let protected = bytes.quicLengthPrefixed(at: header.token.upperBound) else { return .malformed }
        header.packetNumber = protected.lowerBound
        header.end = protected.upperBound
        return .long(header)
    }

    /// At most 20 bytes in these versions (RFC 9000 section 17.2).
    private static func connectionID(_ bytes: Span<UInt8>, at offset: Int) -> Range<Int>? {
        guard let length = bytes.byte(at: offset), length <= 20, offset + 1 + Int(length) <= bytes.count else { return nil }
        return (offset + 1)..<(offset + 1 + Int(length))
    }
}

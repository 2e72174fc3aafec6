/// The parts of a TCP header that a verdict needs (RFC 9293 section 3.1).
package struct TCPHeader: Hashable, Sendable {
    package var sourcePort: UInt16
    package var destinationPort: UInt16
    /// Of the first byte of the payload, or of the SYN.
    package var sequence: UInt32
    /// Meaningful with ``acknowledges`` only.
    package var acknowledgement: UInt32
    /// CWR to FIN as in the header's fourteenth byte.
    package var flags: UInt8
    /// Where the payload lies, counted from the header's first byte; before it come the options.
    package var payload: Range<Int>

    package static let length = 20

    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= Self.length, let source = bytes.bigEndianUInt16(at: 0),
            let destination = bytes.bigEndianUInt16(at: 2), let sequence = bytes.bigEndianUInt32(at: 4),
            let acknowledgement = bytes.bigEndianUInt32(at: 8)
        else { return nil }
        let headerLength = Int(bytes[12] >> 4) * 4
        guard headerLength >= Self.length, headerLength <= bytes.count else { return nil }
        sourcePort = source
        destinationPort = destination
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        flags = bytes[13]
        payload = headerLength..<bytes.count
    }

    /// A connection's first segment: SYN without ACK, RST or FIN.
    package var opensConnection: Bool { flags & 0b1_0111 == 0b0010 }

    package var finishes: Bool { flags & 0b0_0001 != 0 }
    package var synchronises: Bool { flags & 0b0_0010 != 0 }
    package var resets: Bool { flags & 0b0_0100 != 0 }
    package var acknowledges: Bool { flags & 0b1_0000 != 0 }
    package var isUrgent: Bool { flags & 0b10_0000 != 0 }

    /// Whether an option of this kind is among the options, or the options cannot be read.
    ///
    /// - Parameter segment: the bytes that the header was read from.
    package func mayHaveOption(_ kind: UInt8, in segment: Span<UInt8>) -> Bool {
        var offset = Self.length
        while offset < payload.lowerBound, let found = segment.byte(at: offset), found != 0 {
            if found == kind { return true }
            if found == 1 {
                offset += 1
                continue
            }
            guard let length = segment.byte(at: offset + 1), length >= 2, offset + Int(length) <= payload.lowerBound else {
                return true
            }
            offset += Int(length)
        }
        return false
    }
}

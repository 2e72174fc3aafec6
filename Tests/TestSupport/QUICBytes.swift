package import WireFormats

/// QUIC packets put together by hand, so that they can be wrong in one place. Their protection is only played: what opens
/// them is ``Opener``.
package enum QUICBytes {
    /// Opens packets of ``initial(_:to:from:version:token:keys:)``: their payload names each connection ID that it opens
    /// for, and the frames that are read then.
    package struct Opener: QUICInitialOpener {
        package init() {}

        package func open(
            _ packet: Span<UInt8>, packetNumber: Int, version: QUICVersion, connectionID: [UInt8]
        ) -> [UInt8]? {
            var offset = packetNumber
            while let identifier = packet.quicLengthPrefixed(at: offset),
                let frames = packet.quicLengthPrefixed(at: identifier.upperBound)
            {
                if packet.extracting(identifier).isEqual(to: connectionID) {
                    return [UInt8](copying: packet.extracting(frames))
                }
                offset = frames.upperBound
            }
            return nil
        }
    }

    /// An Initial packet.
    ///
    /// - Parameters:
    ///   - identifier: the Destination Connection ID.
    ///   - keys: of which connection's first packet its keys are; its own by default.
    package static func initial(
        _ frames: [UInt8], to identifier: [UInt8], version: QUICVersion = .v1, token: [UInt8] = [], keys: [UInt8]? = nil
    ) -> [UInt8] {
        initial(payload: payload(frames, keys ?? identifier), to: identifier, version: version, token: token)
    }

    package static func payload(_ frames: [UInt8], _ keys: [UInt8]) -> [UInt8] {
        integer(keys.count) + keys + integer(frames.count) + frames
    }

    package static func initial(
        payload: [UInt8], to identifier: [UInt8], version: QUICVersion = .v1, token: [UInt8] = []
    ) -> [UInt8] {
        long(version == .v1 ? 0 : 1, to: identifier, version: version.rawValue) + integer(token.count) + token
            + integer(payload.count) + payload
    }

    /// The invariant part of a long header (RFC 8999), with a type's two bits.
    package static func long(_ type: UInt8, to identifier: [UInt8], version: UInt32) -> [UInt8] {
        var bytes: [UInt8] = [0xc0 | type << 4]
        bytes.append(bigEndian: version)
        return bytes + [UInt8(identifier.count)] + identifier + [2, 0xaa, 0xbb]
    }

    package static func crypto(_ bytes: some Collection<UInt8>, at offset: Int) -> [UInt8] {
        [6] + integer(offset) + integer(bytes.count) + bytes
    }

    /// A variable-length integer of two or four bytes.
    package static func integer(_ number: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        if number < 0x4000 {
            bytes.append(bigEndian: 0x4000 | UInt16(number))
        } else {
            bytes.append(bigEndian: 0x8000_0000 | UInt32(number))
        }
        return bytes
    }
}

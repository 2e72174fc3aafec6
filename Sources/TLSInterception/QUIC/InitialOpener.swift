internal import COpenSSL
package import WireFormats

/// Opens QUIC Initial packets with OpenSSL's ciphers.
package struct InitialOpener: QUICInitialOpener {
    package init() {}

    /// The client's keys: of the AEAD, its nonces and header protection.
    package struct Keys: Hashable, Sendable {
        package var key: [UInt8]
        package var iv: [UInt8]
        package var headerProtection: [UInt8]
    }

    /// For tests against the vectors of RFC 9001 appendix A and RFC 9369 appendix A.
    package static func keys(version: QUICVersion, connectionID: [UInt8]) -> Keys? {
        guard let keys = derive(version, connectionID) else { return nil }
        // SAFETY: the arrays of the C structure are copied while they are alive.
        let (key, iv, hp) = unsafe (
            withUnsafeBytes(of: keys.key) { unsafe Array($0) }, withUnsafeBytes(of: keys.iv) { unsafe Array($0) },
            withUnsafeBytes(of: keys.hp) { unsafe Array($0) }
        )
        return Keys(key: key, iv: iv, headerProtection: hp)
    }

    package func open(_ packet: Span<UInt8>, packetNumber: Int, version: QUICVersion, connectionID: [UInt8]) -> [UInt8]? {
        guard var keys = Self.derive(version, connectionID), packetNumber >= 0 else { return nil }
        var frames = [UInt8](repeating: 0, count: packet.count)
        let count = unsafe packet.withUnsafeBufferPointer { source in
            unsafe frames.withUnsafeMutableBufferPointer { target -> Int64 in
                guard let from = source.baseAddress, let to = target.baseAddress else { return -1 }
                // SAFETY: both buffers hold for the call and have `packet.count` bytes; the shim reads and writes no more.
                return unsafe pctls_quic_open(&keys, from, source.count, packetNumber, to)
            }
        }
        guard count >= 0 else { return nil }
        frames.removeLast(frames.count - Int(count))
        return frames
    }

    private static func derive(_ version: QUICVersion, _ connectionID: [UInt8]) -> pctls_quic_keys? {
        var keys = pctls_quic_keys()
        let salt = version.initialSalt
        let done = unsafe salt.withUnsafeBufferPointer { salt in
            unsafe connectionID.withUnsafeBufferPointer { identifier in
                unsafe version.labelPrefix.withCString { prefix in
                    // SAFETY: all pointers hold for the call; the salt is not empty.
                    unsafe pctls_quic_client_keys(
                        salt.baseAddress!, salt.count, identifier.baseAddress, identifier.count, prefix, &keys)
                }
            }
        }
        return done ? keys : nil
    }
}

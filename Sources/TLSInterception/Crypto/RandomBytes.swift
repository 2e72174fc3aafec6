internal import COpenSSL

/// Bytes from OpenSSL's generator.
enum RandomBytes {
    /// - Throws: ``TLSSetupError/noRandomness``.
    static func make(count: Int) throws(TLSSetupError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let done = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            // SAFETY: RAND_bytes writes `count` bytes, all of which the buffer has.
            unsafe RAND_bytes(buffer.baseAddress, Int32(buffer.count))
        }
        guard done == 1 else { throw .noRandomness }
        return bytes
    }
}

internal import COpenSSL

/// Copies bytes that OpenSSL allocated into Swift's memory.
enum OwnedBytes {
    /// - Parameter write: a function that allocates, stores the address and returns the length, 0 on failure.
    /// - Returns: the bytes; empty on failure. OpenSSL's copy has been wiped.
    @unsafe static func taking(_ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int) -> [UInt8] {
        var pointer: UnsafeMutablePointer<UInt8>?
        let count = unsafe write(&pointer)
        guard let pointer = unsafe pointer else { return [] }
        // SAFETY: `write` allocated `count` bytes here with OpenSSL's allocator, for us to free.
        let bytes = unsafe Array(UnsafeBufferPointer(start: pointer, count: count))
        unsafe pctls_bytes_free(pointer, count)
        return bytes
    }
}

internal import COpenSSL

/// A SHA-256 digest: 32 bytes.
package struct Digest: Hashable, Sendable {
    package let bytes: [UInt8]

    /// The digest of `message`.
    package init(of message: [UInt8]) {
        var digest = [UInt8](repeating: 0, count: 32)
        let done = unsafe message.withUnsafeBufferPointer { source in
            unsafe digest.withUnsafeMutableBufferPointer { target in
                // SAFETY: both pointers hold for the call; the shim writes the 32 bytes that `target` has.
                unsafe pctls_sha256(source.baseAddress, source.count, target.baseAddress!)
            }
        }
        precondition(done, "OpenSSL has no SHA-256")
        bytes = digest
    }

    /// - Parameter bytes: 32 of them, from ``RunningDigest``.
    init(finished bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// From 64 hexadecimal digits; `nil` for anything else.
    package init?(hexadecimal text: String) {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 64, !digits.contains(nil) else { return nil }
        bytes = stride(from: 0, to: 64, by: 2).map { UInt8((digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0)) }
    }
}

extension Digest: CustomStringConvertible {
    package var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

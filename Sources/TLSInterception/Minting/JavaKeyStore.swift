internal import COpenSSL

/// Writes a Java trust store, in the JKS format that every Java version reads.
///
/// Source: `sun.security.provider.JavaKeyStore` of OpenJDK: magic, version 2, count, entries of type 2 (alias, time, type,
/// certificate), and a SHA-1 over password, a fixed phrase and all that came before. The digest only finds damage.
package enum JavaKeyStore {
    /// - Parameter certificates: DER; each becomes a trusted entry.
    package static func trusting(_ certificates: [[UInt8]], password: String) -> [UInt8] {
        var store: [UInt8] = []
        store.reserveCapacity(certificates.count * 1600)
        append(0xfeed_feed, to: &store)
        append(2, to: &store)
        append(UInt32(certificates.count), to: &store)
        for (index, certificate) in certificates.enumerated() {
            append(2, to: &store)
            append(text: "portcullis-\(index)", to: &store)
            append(0, to: &store)
            append(0, to: &store)
            append(text: "X.509", to: &store)
            append(UInt32(certificate.count), to: &store)
            store += certificate
        }
        let salted = password.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } + Array("Mighty Aphrodite".utf8)
        return store + sha1(salted + store)
    }

    private static func append(_ number: UInt32, to store: inout [UInt8]) {
        for shift in [24, 16, 8, 0] as [UInt32] { store.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    /// Java's modified UTF-8, which ASCII is.
    private static func append(text: String, to store: inout [UInt8]) {
        store.append(UInt8(text.utf8.count >> 8))
        store.append(UInt8(text.utf8.count & 255))
        store += text.utf8
    }

    private static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 20)
        // SAFETY: 20 bytes are what SHA-1 writes; the lengths belong to the buffers.
        unsafe bytes.withUnsafeBufferPointer { input in
            unsafe digest.withUnsafeMutableBufferPointer { output in
                _ = unsafe EVP_Digest(input.baseAddress, input.count, output.baseAddress, nil, EVP_sha1(), nil)
            }
        }
        return digest
    }
}

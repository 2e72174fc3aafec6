import COpenSSL
import COpenSSLTesting

@testable import TLSInterception

/// Private keys of every kind, generated once.
enum TestKeys {
    static let rsa2048 = rsa(2048)
    static let rsa1024 = rsa(1024)
    static let rsa2056 = rsa(2056)
    static let rsa2052 = rsa(2052)
    static let p192 = curve("P-192")
    static let p224 = curve("P-224")
    static let p384 = curve("P-384")
    static let p521 = curve("P-521")
    static let explicitP256 = curve("P-256", explicit: true)
    static let secp256k1 = curve("secp256k1")
    static let ed25519 = unsafe key { out in unsafe pctest_generate_ed25519(out) }

    /// A new key on P-256.
    static func p256() -> PrivateKey {
        do {
            return try PrivateKey.generate()
        } catch {
            fatalError("no key: \(error)")
        }
    }

    private static func rsa(_ bits: UInt32) -> PrivateKey {
        unsafe key { out in unsafe pctest_generate_rsa(bits, out) }
    }

    private static func curve(_ name: String, explicit: Bool = false) -> PrivateKey {
        unsafe key { out in unsafe name.withCString { unsafe pctest_generate_curve($0, explicit, out) } }
    }

    private static func key(_ generate: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int) -> PrivateKey {
        do {
            // SAFETY: the generators allocate with OpenSSL and return the length.
            return try PrivateKey(der: unsafe OwnedBytes.taking(generate))
        } catch {
            fatalError("no key: \(error)")
        }
    }
}

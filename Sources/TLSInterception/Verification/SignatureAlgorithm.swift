/// Which signatures on certificates count: SHA-256, SHA-384 or SHA-512 with RSA, RSA-PSS or ECDSA, and Ed25519.
enum SignatureAlgorithm {
    /// - Parameter identifier: AlgorithmIdentifier, DER.
    static func isStrong(_ identifier: [UInt8]) -> Bool {
        (try? check(identifier)) ?? false
    }

    private static func check(_ identifier: [UInt8]) throws(DERError) -> Bool {
        var outer = DERReader(identifier)
        var reader = try outer.enter(DERTag.sequence)
        let algorithm = ObjectIdentifier(octets: Array(reader.content(of: try reader.read(DERTag.objectIdentifier))))
        switch algorithm {
        case .sha256WithRSA, .sha384WithRSA, .sha512WithRSA:
            // NULL, or nothing, which RFC 4055 section 5 has us accept.
            _ = try reader.readIfPresent(DERTag.null)
            return reader.isAtEnd
        case .ecdsaWithSHA256, .ecdsaWithSHA384, .ecdsaWithSHA512, .ed25519:
            return reader.isAtEnd
        case .rsaPSS:
            // Without parameters the hash is SHA-1 (RFC 4055 section 3.1).
            var parameters = try reader.enter(DERTag.sequence)
            var tagged = try parameters.enter(DERTag.constructedContext(0))
            var hash = try tagged.enter(DERTag.sequence)
            let digest = ObjectIdentifier(octets: Array(hash.content(of: try hash.read(DERTag.objectIdentifier))))
            return [.sha256, .sha384, .sha512].contains(digest)
        default:
            return false
        }
    }
}

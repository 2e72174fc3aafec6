/// What a SubjectPublicKeyInfo holds, as far as its strength depends on it.
package enum PublicKeyKind: Hashable, Sendable {
    /// RSA with a modulus of `bits` bits.
    case rsa(bits: Int, exponentIsUsable: Bool)
    case namedCurve(ObjectIdentifier)
    /// An elliptic curve by its parameters, which RFC 5480 section 2.1.1 forbids (and CVE-2020-0601 abused).
    case explicitCurve
    case ed25519
    case other(ObjectIdentifier)

    /// Reads the next SubjectPublicKeyInfo.
    init(from reader: inout DERReader) throws(DERError) {
        var info = try reader.enter(DERTag.sequence)
        var algorithm = try info.enter(DERTag.sequence)
        let identifier = ObjectIdentifier(octets: Array(algorithm.content(of: try algorithm.read(DERTag.objectIdentifier))))
        switch identifier {
        case .rsaEncryption, .rsaPSS:
            let bits = try info.readOctetAlignedBits()
            var key = DERReader(Array(info.bytes[bits]))
            var numbers = try key.enter(DERTag.sequence)
            let modulus = try numbers.readInteger()
            let exponent = try numbers.readInteger()
            try numbers.expectEnd()
            try key.expectEnd()
            let digits = modulus.drop { $0 == 0 }
            guard let first = digits.first, modulus.first.map({ $0 & 0x80 == 0 }) ?? false else {
                throw .invalid("RSAPublicKey")
            }
            // Even exponents do not exist, 1 signs nothing, and long ones only cost time (NIST SP 800-56B: below 2^256).
            let isOdd = exponent.last.map { $0 & 1 == 1 } ?? false
            let isUsable = isOdd && exponent.first.map { $0 & 0x80 == 0 } ?? false && exponent != [1] && exponent.count <= 9
            self = .rsa(bits: digits.count * 8 - first.leadingZeroBitCount, exponentIsUsable: isUsable)
        case .ecPublicKey:
            let parameters = try algorithm.read()
            self =
                parameters.tag == DERTag.objectIdentifier
                ? .namedCurve(ObjectIdentifier(octets: Array(algorithm.content(of: parameters)))) : .explicitCurve
            _ = try info.readOctetAlignedBits()
        case .ed25519:
            self = .ed25519
            _ = try info.readOctetAlignedBits()
        default:
            self = .other(identifier)
            _ = try info.readOctetAlignedBits()
        }
        try info.expectEnd()
    }
}

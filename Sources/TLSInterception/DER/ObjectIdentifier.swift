/// An OBJECT IDENTIFIER by its DER content octets, written in dotted form.
package struct ObjectIdentifier: Hashable, Sendable, ExpressibleByStringLiteral {
    package let octets: [UInt8]

    package init(octets: [UInt8]) {
        self.octets = octets
    }

    /// From a literal such as `"2.5.29.15"`; anything else in the literal is a mistake of ours and stops the program.
    package init(stringLiteral value: String) {
        let arcs = value.split(separator: ".").map { arc in
            guard let number = UInt64(arc) else { preconditionFailure("not an object identifier: \(value)") }
            return number
        }
        precondition(arcs.count >= 2, "an object identifier has two arcs or more")
        octets = ([arcs[0] * 40 + arcs[1]] + arcs[2...]).flatMap { arc in
            var groups = [UInt8(arc & 0x7f)]
            var rest = arc >> 7
            while rest > 0 {
                groups.append(UInt8(rest & 0x7f) | 0x80)
                rest >>= 7
            }
            return groups.reversed()
        }
    }

    // Attributes (RFC 5280 appendix A.1)
    package static let commonName: ObjectIdentifier = "2.5.4.3"
    package static let organizationName: ObjectIdentifier = "2.5.4.10"
    package static let organizationalUnitName: ObjectIdentifier = "2.5.4.11"

    // Extensions (RFC 5280 section 4.2, RFC 7633)
    package static let subjectKeyIdentifier: ObjectIdentifier = "2.5.29.14"
    package static let keyUsage: ObjectIdentifier = "2.5.29.15"
    package static let subjectAltName: ObjectIdentifier = "2.5.29.17"
    package static let issuerAltName: ObjectIdentifier = "2.5.29.18"
    package static let basicConstraints: ObjectIdentifier = "2.5.29.19"
    package static let nameConstraints: ObjectIdentifier = "2.5.29.30"
    package static let crlDistributionPoints: ObjectIdentifier = "2.5.29.31"
    package static let certificatePolicies: ObjectIdentifier = "2.5.29.32"
    package static let policyMappings: ObjectIdentifier = "2.5.29.33"
    package static let authorityKeyIdentifier: ObjectIdentifier = "2.5.29.35"
    package static let policyConstraints: ObjectIdentifier = "2.5.29.36"
    package static let extendedKeyUsage: ObjectIdentifier = "2.5.29.37"
    package static let inhibitAnyPolicy: ObjectIdentifier = "2.5.29.54"
    package static let authorityInformationAccess: ObjectIdentifier = "1.3.6.1.5.5.7.1.1"
    package static let tlsFeature: ObjectIdentifier = "1.3.6.1.5.5.7.1.24"

    // Purposes (RFC 5280 section 4.2.1.12)
    package static let anyExtendedKeyUsage: ObjectIdentifier = "2.5.29.37.0"
    package static let serverAuth: ObjectIdentifier = "1.3.6.1.5.5.7.3.1"
    package static let clientAuth: ObjectIdentifier = "1.3.6.1.5.5.7.3.2"
    package static let ocspSigning: ObjectIdentifier = "1.3.6.1.5.5.7.3.9"

    // Keys (RFC 3279, RFC 5480, RFC 8410, RFC 4055)
    package static let rsaEncryption: ObjectIdentifier = "1.2.840.113549.1.1.1"
    package static let rsaPSS: ObjectIdentifier = "1.2.840.113549.1.1.10"
    package static let ecPublicKey: ObjectIdentifier = "1.2.840.10045.2.1"
    package static let p256: ObjectIdentifier = "1.2.840.10045.3.1.7"
    package static let p384: ObjectIdentifier = "1.3.132.0.34"
    package static let p521: ObjectIdentifier = "1.3.132.0.35"
    package static let ed25519: ObjectIdentifier = "1.3.101.112"

    // Signatures (RFC 4055, RFC 5758)
    package static let sha256WithRSA: ObjectIdentifier = "1.2.840.113549.1.1.11"
    package static let sha384WithRSA: ObjectIdentifier = "1.2.840.113549.1.1.12"
    package static let sha512WithRSA: ObjectIdentifier = "1.2.840.113549.1.1.13"
    package static let ecdsaWithSHA256: ObjectIdentifier = "1.2.840.10045.4.3.2"
    package static let ecdsaWithSHA384: ObjectIdentifier = "1.2.840.10045.4.3.3"
    package static let ecdsaWithSHA512: ObjectIdentifier = "1.2.840.10045.4.3.4"
    package static let sha256: ObjectIdentifier = "2.16.840.1.101.3.4.2.1"
    package static let sha384: ObjectIdentifier = "2.16.840.1.101.3.4.2.2"
    package static let sha512: ObjectIdentifier = "2.16.840.1.101.3.4.2.3"
}

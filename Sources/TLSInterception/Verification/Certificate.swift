/// An X.509 certificate (RFC 5280 section 4.1) as values, for the rules that Portcullis applies besides OpenSSL's.
///
/// Reading one is strict DER and judges nothing: a certificate that breaks a rule is read all the same, so that the refusal can
/// name the rule.
package struct Certificate: Sendable {
    /// The extension as it stands: its value is read by those who judge it.
    package struct Extension: Hashable, Sendable {
        package let identifier: ObjectIdentifier
        package let isCritical: Bool
        package let value: [UInt8]
    }

    package let der: [UInt8]
    /// 1, 2 or 3.
    package let version: Int
    /// INTEGER octets.
    package let serial: [UInt8]
    /// AlgorithmIdentifier inside and outside of what is signed.
    package let innerAlgorithm: [UInt8]
    package let outerAlgorithm: [UInt8]
    package let issuer: DistinguishedName
    package let subject: DistinguishedName
    package let notBefore: UnixTime
    package let notAfter: UnixTime
    /// Whether both times use the encoding that RFC 5280 section 4.1.2.5 prescribes for their year.
    package let validityIsCanonical: Bool
    /// SubjectPublicKeyInfo, DER.
    package let publicKeyInfo: [UInt8]
    package let publicKey: PublicKeyKind
    package let hasUniqueIdentifiers: Bool
    package let extensions: [Extension]

    package init(der: [UInt8]) throws(DERError) {
        self.der = der
        var outer = DERReader(der)
        var certificate = try outer.enter(DERTag.sequence)
        try outer.expectEnd()
        var body = try certificate.enter(DERTag.sequence)
        outerAlgorithm = Array(der[try certificate.read(DERTag.sequence).whole])
        _ = try certificate.readOctetAlignedBits()
        try certificate.expectEnd()

        version = try Self.readVersion(&body)
        serial = Array(try body.readInteger())
        innerAlgorithm = Array(der[try body.read(DERTag.sequence).whole])
        issuer = try DistinguishedName(from: &body)
        var validity = try body.enter(DERTag.sequence)
        let from = try CertificateTime(from: &validity)
        let until = try CertificateTime(from: &validity)
        try validity.expectEnd()
        (notBefore, notAfter) = (from.time, until.time)
        validityIsCanonical = from.isCanonical && until.isCanonical
        subject = try DistinguishedName(from: &body)
        let start = body.position
        publicKey = try PublicKeyKind(from: &body)
        publicKeyInfo = Array(der[start..<body.position])
        let issuerID = try body.readIfPresent(DERTag.context(1))
        let subjectID = try body.readIfPresent(DERTag.context(2))
        hasUniqueIdentifiers = issuerID != nil || subjectID != nil
        extensions = try Self.readExtensions(&body)
        try body.expectEnd()
    }

    /// The first extension with this identifier.
    package func first(_ identifier: ObjectIdentifier) -> Extension? {
        extensions.first { $0.identifier == identifier }
    }

    /// Whether subject and issuer are the same bytes.
    package var isSelfIssued: Bool { subject.der == issuer.der }

    private static func readVersion(_ body: inout DERReader) throws(DERError) -> Int {
        guard let tagged = try body.readIfPresent(DERTag.constructedContext(0)) else { return 1 }
        var inside = body.inside(tagged)
        let number = try inside.readSmallInteger()
        try inside.expectEnd()
        guard (0...2).contains(number) else { throw .invalid("Version") }
        return number + 1
    }

    private static func readExtensions(_ body: inout DERReader) throws(DERError) -> [Extension] {
        guard let tagged = try body.readIfPresent(DERTag.constructedContext(3)) else { return [] }
        var inside = body.inside(tagged)
        var list = try inside.enter(DERTag.sequence)
        try inside.expectEnd()
        var result: [Extension] = []
        while !list.isAtEnd {
            var entry = try list.enter(DERTag.sequence)
            let identifier = ObjectIdentifier(octets: Array(entry.content(of: try entry.read(DERTag.objectIdentifier))))
            let isCritical = entry.nextTag == DERTag.boolean ? try entry.readBoolean() : false
            let value = Array(entry.content(of: try entry.read(DERTag.octetString)))
            try entry.expectEnd()
            result.append(Extension(identifier: identifier, isCritical: isCritical, value: value))
        }
        guard !result.isEmpty else { throw .invalid("Extensions") }
        return result
    }
}

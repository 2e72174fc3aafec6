/// A subject or issuer (RFC 5280 section 4.1.2.4).
package struct DistinguishedName: Hashable, Sendable {
    /// The Name as it was encoded.
    package let der: [UInt8]
    /// Whether it has no attribute.
    package let isEmpty: Bool
    /// The values of all commonName attributes, as their bytes.
    package let commonNames: [[UInt8]]
    /// ASCII letters and digits of all values, in lower case: equal for names that RFC 5280 section 7.1 takes as equal,
    /// and for some that it does not. A key to look candidates up by, never a comparison.
    let searchKey: String
    /// What messages call the owner: the common name, or the organization.
    package let label: CertificateLabel

    /// Reads the next Name.
    init(from reader: inout DERReader) throws(DERError) {
        let element = try reader.read(DERTag.sequence)
        der = Array(reader.bytes[element.whole])
        var relativeNames = reader.inside(element)
        var commonNames: [[UInt8]] = []
        var organization: [UInt8]?
        var key: [UInt8] = []
        var isEmpty = true
        while !relativeNames.isAtEnd {
            var attributes = try relativeNames.enter(DERTag.set)
            guard !attributes.isAtEnd else { throw .invalid("RelativeDistinguishedName") }
            while !attributes.isAtEnd {
                var attribute = try attributes.enter(DERTag.sequence)
                let identifier = attribute.content(of: try attribute.read(DERTag.objectIdentifier))
                let value = try attribute.read()
                try attribute.expectEnd()
                isEmpty = false
                let bytes = Array(reader.bytes[value.content])
                if identifier.elementsEqual(ObjectIdentifier.commonName.octets) { commonNames.append(bytes) }
                if identifier.elementsEqual(ObjectIdentifier.organizationName.octets)
                    || (organization == nil && identifier.elementsEqual(ObjectIdentifier.organizationalUnitName.octets))
                {
                    organization = bytes
                }
                for byte in bytes {
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): key.append(byte)
                    case UInt8(ascii: "A")...UInt8(ascii: "Z"): key.append(byte | 0x20)
                    default: break
                    }
                }
            }
        }
        self.commonNames = commonNames
        self.isEmpty = isEmpty
        searchKey = String(decoding: key, as: UTF8.self)
        label = CertificateLabel(commonNames.last ?? organization ?? [])
    }
}

/// A name in an extension (RFC 5280 section 4.2.1.6), with the bytes as they stand.
package enum GeneralName: Hashable, Sendable {
    case dns([UInt8])
    case address([UInt8])
    case email([UInt8])
    case uri([UInt8])
    case directory([UInt8])
    /// otherName, x400Address, ediPartyName and registeredID, by their tag number.
    case other(UInt8)

    /// Reads the next GeneralName.
    init(from reader: inout DERReader) throws(DERError) {
        let element = try reader.read()
        let content = Array(reader.content(of: element))
        switch element.tag {
        case DERTag.context(1): self = .email(content)
        case DERTag.context(2): self = .dns(content)
        case DERTag.context(6): self = .uri(content)
        case DERTag.context(7): self = .address(content)
        case DERTag.constructedContext(4):
            var inside = reader.inside(element)
            _ = try DistinguishedName(from: &inside)
            try inside.expectEnd()
            self = .directory(content)
        case DERTag.constructedContext(0), DERTag.constructedContext(3), DERTag.constructedContext(5), DERTag.context(8):
            self = .other(element.tag & 0x1f)
        default: throw .invalid("GeneralName")
        }
    }

    /// Reads the names in a GeneralNames sequence, which RFC 5280 wants to have at least one.
    static func list(_ reader: DERReader) throws(DERError) -> [GeneralName] {
        var reader = reader
        var names: [GeneralName] = []
        while !reader.isAtEnd { names.append(try GeneralName(from: &reader)) }
        return names
    }
}

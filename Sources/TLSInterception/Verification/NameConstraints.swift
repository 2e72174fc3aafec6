/// The name space an authority is confined to (RFC 5280 section 4.2.1.10). OpenSSL applies it; what is read here is its form.
package struct NameConstraints: Hashable, Sendable {
    package let permitted: [GeneralName]
    package let excluded: [GeneralName]

    init(value: [UInt8]) throws(DERError) {
        var outer = DERReader(value)
        var inside = try outer.enter(DERTag.sequence)
        try outer.expectEnd()
        permitted = try Self.subtrees(0, in: &inside)
        excluded = try Self.subtrees(1, in: &inside)
        try inside.expectEnd()
        guard !permitted.isEmpty || !excluded.isEmpty else { throw .invalid("NameConstraints") }
    }

    private static func subtrees(_ number: UInt8, in reader: inout DERReader) throws(DERError) -> [GeneralName] {
        guard let tagged = try reader.readIfPresent(DERTag.constructedContext(number)) else { return [] }
        var list = reader.inside(tagged)
        var bases: [GeneralName] = []
        while !list.isAtEnd {
            var subtree = try list.enter(DERTag.sequence)
            bases.append(try GeneralName(from: &subtree))
            // minimum is 0, which DER leaves out, and maximum is absent.
            try subtree.expectEnd()
        }
        guard !bases.isEmpty else { throw .invalid("GeneralSubtrees") }
        return bases
    }
}

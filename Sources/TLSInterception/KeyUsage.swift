/// What a key may do (RFC 5280 section 4.2.1.3): bit 0 of the BIT STRING is the lowest bit here.
package struct KeyUsage: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let digitalSignature = KeyUsage(rawValue: 1 << 0)
    package static let keyEncipherment = KeyUsage(rawValue: 1 << 2)
    package static let keyAgreement = KeyUsage(rawValue: 1 << 4)
    package static let keyCertSign = KeyUsage(rawValue: 1 << 5)
    package static let cRLSign = KeyUsage(rawValue: 1 << 6)

    /// BIT STRING with trailing zero bits removed (X.690 section 11.2.2).
    package var bitString: [UInt8] {
        var octets: [UInt8] = [0, 0]
        for bit in 0..<9 where rawValue & 1 << UInt16(bit) != 0 {
            octets[bit / 8] |= 0x80 >> UInt8(bit % 8)
        }
        while octets.last == 0 { octets.removeLast() }
        return DERWriter.bitString(octets, unusedBits: UInt8(octets.last?.trailingZeroBitCount ?? 0))
    }

    /// Reads the content of a BIT STRING.
    init(content: ArraySlice<UInt8>) throws(DERError) {
        guard let unused = content.first, unused < 8, (2...3).contains(content.count) || (content.count == 1 && unused == 0)
        else { throw .invalid("KeyUsage") }
        var bits: UInt16 = 0
        for (index, octet) in content.dropFirst().enumerated() {
            for bit in 0..<8 where octet & 0x80 >> UInt8(bit) != 0 { bits |= 1 << UInt16(index * 8 + bit) }
        }
        self.init(rawValue: bits)
    }
}

/// Writes DER from the inside out: every element is a function of the bytes in it.
package enum DERWriter {
    package static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [tag]
        result.reserveCapacity(content.count + 6)
        if content.count < 0x80 {
            result.append(UInt8(content.count))
        } else {
            let octets = bigEndian(UInt64(content.count))
            result.append(0x80 | UInt8(octets.count))
            result += octets
        }
        return result + content
    }

    package static func sequence(_ elements: [UInt8]...) -> [UInt8] {
        element(DERTag.sequence, Array(elements.joined()))
    }

    package static func set(_ elements: [UInt8]...) -> [UInt8] {
        element(DERTag.set, Array(elements.joined()))
    }

    package static func boolean(_ value: Bool) -> [UInt8] { element(DERTag.boolean, [value ? 0xff : 0x00]) }

    package static func integer(_ value: UInt64) -> [UInt8] { unsignedInteger(bigEndian(value)) }

    /// An INTEGER of these octets taken as a number without sign.
    package static func unsignedInteger(_ octets: [UInt8]) -> [UInt8] {
        var shortest = Array(octets.drop { $0 == 0 })
        if shortest.first.map({ $0 & 0x80 != 0 }) ?? true { shortest.insert(0, at: 0) }
        return element(DERTag.integer, shortest)
    }

    package static func octetString(_ content: [UInt8]) -> [UInt8] { element(DERTag.octetString, content) }

    package static func bitString(_ content: [UInt8], unusedBits: UInt8 = 0) -> [UInt8] {
        element(DERTag.bitString, [unusedBits] + content)
    }

    package static func objectIdentifier(_ identifier: ObjectIdentifier) -> [UInt8] {
        element(DERTag.objectIdentifier, identifier.octets)
    }

    package static func utf8String(_ text: String) -> [UInt8] { element(DERTag.utf8String, Array(text.utf8)) }

    /// `[number]` around elements.
    package static func explicit(_ number: UInt8, _ elements: [UInt8]) -> [UInt8] {
        element(DERTag.constructedContext(number), elements)
    }

    /// UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5).
    package static func time(_ time: UnixTime) -> [UInt8] {
        let date = CivilDate(time)
        let short = (1950..<2050).contains(date.year)
        let year = short ? digits(date.year % 100, 2) : digits(date.year, 4)
        let rest = [date.month, date.day, date.hour, date.minute, date.second].flatMap { digits($0, 2) }
        return element(short ? DERTag.utcTime : DERTag.generalizedTime, year + rest + [UInt8(ascii: "Z")])
    }

    /// GeneralizedTime whatever the year, as OCSP wants it (RFC 6960 section 4.2.2.1).
    package static func generalizedTime(_ time: UnixTime) -> [UInt8] {
        let date = CivilDate(time)
        let rest = [date.month, date.day, date.hour, date.minute, date.second].flatMap { digits($0, 2) }
        return element(DERTag.generalizedTime, digits(date.year, 4) + rest + [UInt8(ascii: "Z")])
    }

    private static func digits(_ number: Int, _ count: Int) -> [UInt8] {
        var rest = number
        var result = [UInt8](repeating: UInt8(ascii: "0"), count: count)
        for index in result.indices.reversed() {
            result[index] += UInt8(rest % 10)
            rest /= 10
        }
        return result
    }

    private static func bigEndian(_ value: UInt64) -> [UInt8] {
        let octets = (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }
        return Array(octets.drop { $0 == 0 })
    }
}

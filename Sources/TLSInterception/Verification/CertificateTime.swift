/// A time in a certificate's validity (RFC 5280 section 4.1.2.5).
struct CertificateTime: Sendable {
    let time: UnixTime
    /// Whether it is UTCTime through 2049 and GeneralizedTime from 2050, in seconds and in UTC.
    let isCanonical: Bool

    /// Reads `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`; offsets, fractions and missing seconds are refused.
    init(from reader: inout DERReader) throws(DERError) {
        let element = try reader.read()
        let text = Array(reader.bytes[element.content])
        let yearDigits: Int
        switch element.tag {
        case DERTag.utcTime: yearDigits = 2
        case DERTag.generalizedTime: yearDigits = 4
        default: throw .unexpectedTag(expected: DERTag.utcTime, found: element.tag)
        }
        guard text.count == yearDigits + 11, text.last == UInt8(ascii: "Z") else { throw .invalid("Time") }
        var numbers: [Int] = []
        var position = 0
        for width in [yearDigits, 2, 2, 2, 2, 2] {
            var number = 0
            for digit in text[position..<position + width] {
                guard (0x30...0x39).contains(digit) else { throw .invalid("Time") }
                number = number * 10 + Int(digit - 0x30)
            }
            numbers.append(number)
            position += width
        }
        let year = yearDigits == 4 ? numbers[0] : numbers[0] + (numbers[0] < 50 ? 2000 : 1900)
        guard
            let date = CivilDate(
                year: year, month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4], second: numbers[5])
        else { throw .invalid("Time") }
        time = date.time
        isCanonical = (yearDigits == 2) == (1950..<2050).contains(year)
    }
}

/// Writes moments as UTC with milliseconds (RFC 3339), into memory that is kept: within one second only the milliseconds
/// are written anew.
struct TimeText {
    private static let zero = UInt8(ascii: "0")

    /// `2026-01-31T23:59:59.000Z`
    private var text = Array("0000-00-00T00:00:00.000Z".utf8)
    private var second: UInt64 = .max

    /// - Parameter wallNanoseconds: since 1970.
    mutating func rfc3339(_ wallNanoseconds: UInt64) -> [UInt8] {
        let now = wallNanoseconds / 1_000_000_000
        if now != second {
            second = now
            write(second: now)
        }
        put(Int(wallNanoseconds / 1_000_000 % 1000), at: 20, width: 3)
        return text
    }

    /// Days to year, month, day by the civil calendar's arithmetic, with years that start in March (Howard Hinnant,
    /// chrono-compatible algorithms).
    private mutating func write(second: UInt64) {
        let time = Int(second % 86_400)
        let shifted = Int(second / 86_400) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        put(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), at: 0, width: 4)
        put(month, at: 5)
        put(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, at: 8)
        put(time / 3600, at: 11)
        put(time / 60 % 60, at: 14)
        put(time % 60, at: 17)
    }

    private mutating func put(_ number: Int, at start: Int, width: Int = 2) {
        var rest = number
        for index in stride(from: start + width - 1, through: start, by: -1) {
            text[index] = Self.zero + UInt8(rest % 10)
            rest /= 10
        }
    }
}

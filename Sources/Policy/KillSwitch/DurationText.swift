/// Durations as policies write them: whole seconds, minutes or hours.
enum DurationText {
    private static let units: [(name: String, seconds: UInt64)] = [("h", 3600), ("m", 60), ("s", 1)]

    /// Reads `60s`, `5m`, `1h`; a space before the unit will do.
    ///
    /// - Returns: seconds; `nil` for anything else, a number without a unit among it, and for what no number holds.
    static func seconds(_ text: Substring) -> UInt64? {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        let rest = text.utf8.dropFirst(digits.count).drop { $0 == UInt8(ascii: " ") }
        guard let unit = units.first(where: { rest.elementsEqual($0.name.utf8) }), let count = UInt64(Substring(digits))
        else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit.seconds)
        return overflow ? nil : seconds
    }

    /// The same in the largest unit that it is a whole number of: `60s` reads back as `1m`.
    static func text(seconds: UInt64) -> String {
        for unit in units where seconds >= unit.seconds && seconds.isMultiple(of: unit.seconds) {
            return "\(seconds / unit.seconds)\(unit.name)"
        }
        return "\(seconds)s"
    }
}

/// How far back: `30s`, `10m`, `2h`, `1d`.
package struct LookBack: Hashable, Sendable {
    package let seconds: UInt64

    /// Ten years; no log goes back further, and no arithmetic overflows.
    static let limitSeconds: UInt64 = 3650 * 86_400

    /// - Returns: `nil` for anything but a whole number above 0 and one unit, or more than ten years.
    package init?(_ text: String) {
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let digits = text.dropLast()
        guard let unit = text.last.flatMap({ units[$0] }), !digits.isEmpty, digits.utf8.count <= 12,
            digits.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }), let number = UInt64(digits)
        else { return nil }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow, seconds > 0, seconds <= Self.limitSeconds else { return nil }
        self.seconds = seconds
    }
}

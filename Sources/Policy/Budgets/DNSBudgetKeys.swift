/// The DNS keys of a file's `budgets`, each on its own: what a file leaves out comes from what it extends.
struct DNSBudgetKeys: Hashable, Sendable {
    var uniqueNamesPerMinute: Int?
    var bytesPerZonePerHour: Int?
    var labelEntropyBits: Double?

    /// Keys that are there already win.
    mutating func fill(from other: DNSBudgetKeys) {
        uniqueNamesPerMinute = uniqueNamesPerMinute ?? other.uniqueNamesPerMinute
        bytesPerZonePerHour = bytesPerZonePerHour ?? other.bytesPerZonePerHour
        labelEntropyBits = labelEntropyBits ?? other.labelEntropyBits
    }

    var budget: DNSBudget {
        let standard = DNSBudget.standard
        return DNSBudget(
            uniqueNamesPerMinute: uniqueNamesPerMinute ?? standard.uniqueNamesPerMinute,
            bytesPerZonePerHour: bytesPerZonePerHour ?? standard.bytesPerZonePerHour,
            labelEntropyBits: labelEntropyBits ?? standard.labelEntropyBits)
    }
}

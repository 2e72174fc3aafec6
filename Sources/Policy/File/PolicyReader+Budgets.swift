extension PolicyReader {
    /// Reads `budgets`.
    mutating func readBudgets(_ node: DocumentNode) {
        let known = ["dns_unique_names_per_minute", "dns_bytes_per_zone_per_hour", "dns_label_entropy"]
        forEachKey(of: node, in: "budgets", known: known, unsupported: ["per_host_bytes_per_hour"]) { reader, name, value in
            switch name {
            case known[0]: reader.file.dnsBudget.uniqueNamesPerMinute = reader.readCount(value, key: name)
            case known[1]: reader.file.dnsBudget.bytesPerZonePerHour = reader.readSize(value, key: name)
            default: reader.file.dnsBudget.labelEntropyBits = reader.readEntropy(value, key: name)
            }
        }
    }

    private mutating func readCount(_ node: DocumentNode, key: String) -> Int? {
        let limit = PolicyLimits.budgetNamesPerMinute
        if let text = node.scalarText, let count = Self.number(text), (1...limit).contains(count) { return count }
        report(node, "`\(key)` is a number from 1 to \(limit)", remedy: "\(key): \(DNSBudget.standard.uniqueNamesPerMinute)")
        return nil
    }

    /// `64KiB`, `1 MiB`, or a number of bytes.
    private mutating func readSize(_ node: DocumentNode, key: String) -> Int? {
        let remedy = "\(key): \(DNSBudget.standard.bytesPerZonePerHour / 1024)KiB"
        let text = node.scalarText ?? ""
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        let factors = ["": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30]
        guard let count = Self.number(String(digits)), let factor = factors[String(unit)] else {
            let meant = ["kb": "KiB", "k": "KiB", "kib": "KiB", "mb": "MiB", "m": "MiB", "mib": "MiB"][unit.lowercased()]
            report(
                node, "`\(key)` is a size: a number with KiB, MiB or nothing for bytes",
                remedy: meant.map { "\(key): \(digits)\($0)" } ?? remedy)
            return nil
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: factor)
        guard !overflow, PolicyLimits.budgetBytes.contains(bytes) else {
            report(node, "`\(key)` is from 1KiB to 1GiB", remedy: remedy)
            return nil
        }
        return bytes
    }

    private mutating func readEntropy(_ node: DocumentNode, key: String) -> Double? {
        let range = PolicyLimits.budgetEntropyBits
        let text = node.scalarText ?? ""
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        if isPlain, let bits = Double(text), range.contains(bits) { return bits }
        report(
            node, "`\(key)` is in bits a character, from \(range.lowerBound) to \(range.upperBound)",
            remedy: "\(key): \(DNSBudget.standard.labelEntropyBits)")
        return nil
    }

    /// Plain decimal digits; YAML's other spellings of numbers are not taken.
    static func number(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}

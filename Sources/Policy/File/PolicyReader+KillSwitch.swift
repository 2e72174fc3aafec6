extension PolicyReader {
    /// Reads `kill_switch`.
    mutating func readKillSwitch(_ node: DocumentNode) {
        forEachKey(of: node, in: "kill_switch", known: ["on", "sentinel"]) { reader, name, value in
            switch name {
            case "on": reader.readTriggers(value)
            default: reader.file.killSwitch.sentinel = reader.readSentinel(value)
            }
        }
    }

    private mutating func readTriggers(_ node: DocumentNode) {
        let known = ["critical_findings", "recorder_failure", "heartbeat_lost", "ruleset_tampered"]
        forEachKey(of: node, in: "on", known: known) { reader, name, value in
            switch name {
            case known[0]: reader.file.killSwitch.criticalFindings = reader.readFindings(value, key: name)
            case known[1]: reader.file.killSwitch.recorderFailure = reader.readSwitch(value, key: name)
            case known[2]: reader.file.killSwitch.heartbeatLostSeconds = reader.readLease(value, key: name)
            default: reader.file.killSwitch.rulesetTampered = reader.readSwitch(value, key: name)
            }
        }
    }

    /// `3 within 60s`, or `false` to turn off what an extended file says.
    private mutating func readFindings(_ node: DocumentNode, key: String) -> KillSwitchKeys.Trigger<FindingThreshold>? {
        if Self.isFalse(node) { return .off }
        let remedy = "\(key): 3 within 60s"
        let words = (node.scalarText ?? "").split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[1] == "within", let count = Self.number(String(words[0])) else {
            report(node, "`\(key)` is a number of findings and a time, or `false`", remedy: remedy)
            return nil
        }
        guard PolicyLimits.criticalFindings.contains(count) else {
            report(
                node, "`\(key)` counts from \(PolicyLimits.criticalFindings.lowerBound) to \(PolicyLimits.criticalFindings.upperBound) findings",
                remedy: remedy)
            return nil
        }
        let seconds = readSeconds(
            words[2].drop { $0 == " " }, of: node, key: "the time of `\(key)`", range: PolicyLimits.findingWindowSeconds, remedy: remedy)
        return seconds.map { .on(FindingThreshold(count: count, seconds: $0)) }
    }

    private mutating func readLease(_ node: DocumentNode, key: String) -> KillSwitchKeys.Trigger<UInt64>? {
        if Self.isFalse(node) { return .off }
        let seconds = readSeconds(
            Substring(node.scalarText ?? ""), of: node, key: "`\(key)`", range: PolicyLimits.heartbeatSeconds, remedy: "\(key): 30s")
        return seconds.map { .on($0) }
    }

    /// - Parameter remedy: what to write where the text does not even say what was meant.
    private mutating func readSeconds(
        _ text: Substring, of node: DocumentNode, key: String, range: ClosedRange<UInt64>, remedy: String
    ) -> UInt64? {
        guard let seconds = DurationText.seconds(text) else {
            report(node, "\(key) is a number with s, m or h", remedy: remedy)
            return nil
        }
        guard range.contains(seconds) else {
            let (least, most) = (DurationText.text(seconds: range.lowerBound), DurationText.text(seconds: range.upperBound))
            report(node, "\(key) is from \(least) to \(most)", remedy: remedy)
            return nil
        }
        return seconds
    }

    private mutating func readSwitch(_ node: DocumentNode, key: String) -> Bool? {
        if case .scalar("true", isPlain: true) = node.content { return true }
        if Self.isFalse(node) { return false }
        report(node, "`\(key)` is `true` or `false`", remedy: "\(key): true")
        return nil
    }

    /// A path that names one file to everybody: its folder is watched, and its name looked for there.
    private mutating func readSentinel(_ node: DocumentNode) -> String? {
        guard let text = string(node, key: "sentinel") else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let isPath =
            text.hasPrefix("/") && text.utf8.count <= PolicyLimits.pathBytes
            && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= PolicyLimits.pathPartBytes }
        guard isPath else {
            report(node, "`sentinel` is the absolute path of a file", remedy: "sentinel: /run/portcullis/seal")
            return nil
        }
        return text
    }

    /// Reads `control`.
    mutating func readControl(_ node: DocumentNode) {
        forEachKey(of: node, in: "control", known: ["group"]) { reader, _, value in
            guard let text = value.scalarText, Self.isGroup(text) else {
                reader.report(value, "`group` takes a group's name or number", remedy: "group: portcullis-operators")
                return
            }
            reader.file.controlGroup = text
        }
    }

    /// What the system's own tools take for a group (groupadd(8)); a number below the one that means nobody (chown(2)).
    private static func isGroup(_ text: String) -> Bool {
        if let number = number(text) { return number < UInt32.max && (text == "0" || !text.hasPrefix("0")) }
        guard let first = text.utf8.first, text.utf8.count <= 32, first != UInt8(ascii: "-") else { return false }
        let isName = text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-", "$": true
            default: false
            }
        }
        return isName && !text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isFalse(_ node: DocumentNode) -> Bool {
        guard case .scalar("false", isPlain: true) = node.content else { return false }
        return true
    }
}

package import GatewayCore
package import LinuxKernel
internal import Policy
internal import Synchronization
internal import WireFormats

/// The decision log: one line a decision, for people on a terminal, JSON lines elsewhere.
package final class DecisionLog: RecordSink {
    package enum Style: Sendable {
        case people(colour: Bool)
        case json
    }

    private let output: LineOutput
    private let style: Style
    /// Lines of several threads must not mix.
    private let lock = Mutex(())

    package init(output: LineOutput, style: Style) {
        self.output = output
        self.style = style
    }

    package func record(_ decision: Decision) throws {
        let line = switch style {
        case .people(let colour): Self.text(decision, colour: colour)
        case .json: Self.json(decision, wallNanoseconds: MonotonicClock.wallNanoseconds)
        }
        try lock.withLock { _ in try output.write(line) }
    }

    /// `portcullis: deny  dns   example.com — dns.name_not_allowed (policy.yaml:3); to allow: - host: example.com`
    static func text(_ decision: Decision, colour: Bool) -> String {
        let action = switch decision.action {
        case .allow: colour ? "\u{1b}[32mallow\u{1b}[0m" : "allow"
        case .deny: colour ? "\u{1b}[31mdeny \u{1b}[0m" : "deny "
        case .observe: colour ? "\u{1b}[33mwould deny\u{1b}[0m" : "would deny"
        }
        let stage = decision.stage.rawValue + String(repeating: " ", count: 4 - min(decision.stage.rawValue.utf8.count, 4))
        var line = "\(stage) \(decision.subject)"
        if let reason = decision.reason { line += " — \(reason.rawValue): \(reason.title)" }
        if let detail = decision.detail { line += " (\(detail))" }
        if let origin = decision.origin { line += " [\(origin)]" }
        if let remedy = decision.remedy {
            line += "; to allow: \(remedy)"
        } else if decision.action != .allow, let reason = decision.reason {
            line += "; \(decision.hint ?? reason.remedyHint)"
        }
        // One decision, one line, and no orders to the terminal, whatever an upstream put into a certificate's name.
        return "portcullis: \(action) \(TextSafety.printable(line, limitBytes: Limits.logLineBytes))\r\n"
    }

    static func json(_ decision: Decision, wallNanoseconds: UInt64) -> String {
        var json = JSONText()
        json.beginObject()
        json.member("time", rfc3339(wallNanoseconds))
        json.member("agent", decision.agent.number)
        json.member("stage", decision.stage.rawValue)
        json.member("action", decision.action.rawValue)
        json.member("subject", decision.subject)
        if let reason = decision.reason { json.member("reason", reason.rawValue) }
        if let detail = decision.detail { json.member("detail", detail) }
        if let origin = decision.origin { json.member("rule", origin.description) }
        if let remedy = decision.remedy { json.member("allow_with", remedy.text) }
        json.endObject()
        return json.text + "\n"
    }

    /// UTC with milliseconds (RFC 3339), from nanoseconds since 1970, by the civil calendar's arithmetic.
    static func rfc3339(_ wallNanoseconds: UInt64) -> String {
        let seconds = wallNanoseconds / 1_000_000_000
        let days = Int(seconds / 86_400)
        let time = Int(seconds % 86_400)
        // Days to year, month, day, with years that start in March (Howard Hinnant, chrono-compatible algorithms).
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func pad(_ number: Int, _ width: Int = 2) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        let milliseconds = Int(wallNanoseconds / 1_000_000 % 1000)
        return "\(year)-\(pad(month))-\(pad(day))T\(pad(time / 3600)):\(pad(time / 60 % 60)):\(pad(time % 60)).\(pad(milliseconds, 3))Z"
    }
}

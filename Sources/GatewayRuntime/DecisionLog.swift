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
    /// Lines of several threads must not mix; they share the memory that a line is written in.
    private let line = Mutex(DecisionLine())

    /// What agents are called, for those that have names.
    private let names: [AgentID: String]
    /// The file that it is, from the root on; `nil` for what is no file that somebody named.
    let path: String?

    package init(output: LineOutput, style: Style, names: [AgentID: String] = [:], path: String? = nil) {
        self.output = output
        self.path = path
        self.style = style
        self.names = names
    }

    /// The log that a command line asks for: JSON lines in a file, nothing, or standard error.
    package static func open(path: String?, isQuiet: Bool, names: [AgentID: String] = [:]) throws -> DecisionLog {
        if let path {
            return DecisionLog(
                output: try .appending(to: path), style: .json, names: names, path: FileText.absolute(path))
        }
        if isQuiet { return DecisionLog(output: try .appending(to: "/dev/null"), style: .json, names: names) }
        let output = LineOutput.standardError
        let colour = ProcessSettings.environment("NO_COLOR")?.isEmpty ?? true
        return DecisionLog(output: output, style: output.isTerminal ? .people(colour: colour) : .json, names: names)
    }

    package func record(_ decision: Decision) throws {
        switch style {
        case .people(let colour):
            let text = Array(Self.text(decision, name: names[decision.agent], colour: colour).utf8)
            try line.withLock { _ in try output.write(text.span) }
        case .json:
            let now = MonotonicClock.wallNanoseconds
            guard output.keepsLinesWhole else {
                return try line.withLock { line in
                    line.write(decision, name: names[decision.agent], wallNanoseconds: now)
                    try output.write(line.bytes.span)
                }
            }
            // A loop does not wait while another one writes: the line is taken out, and copied only when two meet.
            let bytes = line.withLock { line in
                line.write(decision, name: names[decision.agent], wallNanoseconds: now)
                return line.bytes
            }
            try output.write(bytes.span)
        }
    }

    /// In one write where lines are JSON.
    package func record(_ decisions: [Decision]) throws {
        guard case .json = style else {
            for decision in decisions { try record(decision) }
            return
        }
        let now = MonotonicClock.wallNanoseconds
        try line.withLock { line in
            line.removeAll()
            for decision in decisions { line.append(decision, name: names[decision.agent], wallNanoseconds: now) }
            try output.write(line.bytes.span)
        }
    }

    /// `portcullis: deny  dns   example.com — dns.name_not_allowed (policy.yaml:3); to allow: - host: example.com`
    static func text(_ decision: Decision, name: String? = nil, colour: Bool) -> String {
        let action = switch decision.action {
        case .allow: colour ? "\u{1b}[32mallow\u{1b}[0m" : "allow"
        case .deny: colour ? "\u{1b}[31mdeny \u{1b}[0m" : "deny "
        case .observe: colour ? "\u{1b}[33mwould deny\u{1b}[0m" : "would deny"
        }
        let stage = decision.stage.rawValue + String(repeating: " ", count: 4 - min(decision.stage.rawValue.utf8.count, 4))
        var line = "\(stage) \(name.map { "\($0): " } ?? "")\(decision.subject)"
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
}

/// Where a rule was written, so that every verdict can point at the line that made it.
package struct RuleOrigin: Hashable, Sendable {
    /// File path, `preset:NAME`, or the command-line flag.
    package let source: String
    /// Line from 1; 0 where lines mean nothing, as on the command line.
    package let line: Int
    /// `SOURCE:LINE`, as the log has it: made once, for it is written with every decision.
    package let description: String

    package init(source: String, line: Int) {
        self.source = source
        self.line = line
        description = line == 0 ? source : "\(source):\(line)"
    }
}

extension RuleOrigin: CustomStringConvertible {}

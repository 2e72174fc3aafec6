/// One thing wrong with a policy file: where, what, and what to write instead.
package struct PolicyProblem: Hashable, Sendable {
    package let source: String
    /// From 1; 0 where the problem has no place in a text, as on the command line.
    package let line: Int
    /// From 1, in Unicode scalars.
    package let column: Int
    package let message: String
    /// Text to write instead, when there is an obvious one.
    package let remedy: String?

    package init(source: String, line: Int = 0, column: Int = 0, message: String, remedy: String? = nil) {
        self.source = source
        self.line = line
        self.column = column
        self.message = message
        self.remedy = remedy
    }
}

extension PolicyProblem: CustomStringConvertible {
    package var description: String {
        let place = line == 0 ? source : "\(source):\(line):\(column)"
        return "\(place): \(message)" + (remedy.map { "\n  write: \($0)" } ?? "")
    }
}

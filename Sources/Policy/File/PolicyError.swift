/// A policy that must not be used, with everything found wrong in it. Never empty.
package struct PolicyError: Error, Hashable, Sendable {
    package let problems: [PolicyProblem]
    /// Problems beyond ``PolicyLimits/problemCount`` that are counted but not kept.
    package let omittedCount: Int

    init(_ problems: [PolicyProblem]) {
        self.problems = Array(problems.prefix(PolicyLimits.problemCount))
        omittedCount = max(0, problems.count - PolicyLimits.problemCount)
    }
}

extension PolicyError: CustomStringConvertible {
    package var description: String {
        var lines = problems.map(\.description)
        if omittedCount > 0 { lines.append("and \(omittedCount) more") }
        return lines.joined(separator: "\n")
    }
}

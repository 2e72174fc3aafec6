import Policy
import Testing
import WireFormats

/// The matcher against the definition of a pattern, written as plainly as can be, on every short path.
@Suite("Path patterns by definition")
struct PathPatternReferenceTests {
    /// Backtracks, and so is only fit for short texts.
    private func matches(_ pattern: Substring, _ path: Substring) -> Bool {
        if pattern.isEmpty { return path.isEmpty }
        if pattern.hasPrefix("/**/") {
            guard path.hasPrefix("/") else { return false }
            // No segment at all, or some: go on with the last slash of the pattern at any slash of the path.
            return path.indices.contains { path[$0] == "/" && matches(pattern.dropFirst(3), path[$0...]) }
        }
        if pattern.hasPrefix("**") {
            return matches(pattern.dropFirst(2), path) || !path.isEmpty && matches(pattern, path.dropFirst())
        }
        if pattern.hasPrefix("*") {
            return matches(pattern.dropFirst(), path) || !path.isEmpty && path.first != "/" && matches(pattern, path.dropFirst())
        }
        return pattern.first == path.first && matches(pattern.dropFirst(), path.dropFirst())
    }

    private func texts(_ alphabet: [String], count: Int) -> [String] {
        count == 0 ? [""] : texts(alphabet, count: count - 1).flatMap { text in alphabet.map { text + $0 } }
    }

    @Test func agreesOnEveryShortPath() throws {
        let paths = (0...4).flatMap { texts(["/", "a", "b"], count: $0) }.map { "/" + $0 }
        let patterns = (0...4).flatMap { texts(["/", "a", "*", "**"], count: $0) }.map { "/" + $0 }
            .filter { !$0.contains("***") }
        for pattern in patterns {
            let policy = try PolicyText.compile("allow: [{ host: a.example, paths: [\"\(pattern)\"] }]")
            let host = try HostName("a.example")
            for path in paths {
                let verdict = policy.requestVerdict(host: host, port: 443, method: "GET", path: path).isAllowed
                let expected = matches(pattern[...], path[...])
                if verdict != expected { Issue.record("\(pattern) on \(path): \(verdict)") }
            }
        }
    }
}

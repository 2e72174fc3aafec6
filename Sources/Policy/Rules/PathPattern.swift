/// A pattern for the path of a request: `*` stands for any bytes within a segment, `**` for any bytes at all.
///
/// `/a/**/b` also matches `/a/b`; `/a/**` matches everything below `/a/`, not `/a` itself. Matching runs a set of states
/// over the path once, so its time is bounded by pattern length times path length whatever the input.
package struct PathPattern: Hashable, Sendable {
    package let text: String
    /// For the normal form of a path.
    private let tokens: [Token]
    /// For the form in which lenient servers read it; see ``RequestPath/loose``.
    private let looseTokens: [Token]

    private enum Token: Hashable {
        case byte(UInt8)
        case withinSegment
        case anything
        /// Before `untilSlash`: `**` between slashes may stand for no segment at all, and then takes a slash with it.
        case anySegments
        /// Any bytes up to and with a slash.
        case untilSlash
    }

    /// - Throws: a message that says what to write instead.
    init(_ text: String) throws(PathPatternError) {
        guard text.utf8.first == UInt8(ascii: "/") else { throw .noLeadingSlash }
        guard text.utf8.count <= PolicyLimits.pathPatternBytes else { throw .tooLong }
        guard !text.utf8.contains(UInt8(ascii: "?")) && !text.utf8.contains(UInt8(ascii: "#")) else { throw .hasQuery }
        // Stars must survive the path's own normalisation, which escapes them: normalise the text between them.
        // A byte that no path holds after normalisation marks where they were.
        let marker = UInt8(ascii: "^")
        guard !text.utf8.contains(marker) else { throw .ambiguous }
        let marked = text.utf8.map { $0 == UInt8(ascii: "*") ? marker : $0 }
        guard let path = RequestPath(marked.span) else { throw .ambiguous }
        let segments = text.split(separator: "/", omittingEmptySubsequences: false)
        guard !segments.contains(where: { $0 == "." || $0 == ".." }) else { throw .dotSegment }
        self.text = text
        tokens = PathPattern.tokens(of: path.normal, marker: marker)
        looseTokens = PathPattern.tokens(of: path.loose, marker: marker)
    }

    private static func tokens(of bytes: [UInt8], marker: UInt8) -> [Token] {
        var result: [Token] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == marker else {
                result.append(.byte(bytes[index]))
                index += 1
                continue
            }
            let start = index
            while index < bytes.count, bytes[index] == marker { index += 1 }
            guard index - start > 1 else {
                result.append(.withinSegment)
                continue
            }
            let slash = UInt8(ascii: "/")
            if start > 0, bytes[start - 1] == slash, index < bytes.count, bytes[index] == slash {
                result += [.anySegments, .untilSlash]
                index += 1
            } else {
                result.append(.anything)
            }
        }
        return result
    }

    /// For allow rules: the normal form must match.
    func covers(_ path: RequestPath) -> Bool { PathPattern.match(tokens, path.normal) }

    /// For deny rules: either reading of the path may match.
    func mayCover(_ path: RequestPath) -> Bool {
        PathPattern.match(tokens, path.normal) || PathPattern.match(looseTokens, path.loose)
    }

    private static func match(_ tokens: [Token], _ path: [UInt8]) -> Bool {
        var prefix = 0
        while prefix < tokens.count, prefix < path.count, case .byte(path[prefix]) = tokens[prefix] { prefix += 1 }
        if prefix == tokens.count { return prefix == path.count }
        switch tokens[prefix] {
        case .byte: return false
        case .anything where prefix == tokens.count - 1: return true
        case .withinSegment, .anything, .anySegments, .untilSlash: break
        }
        var active = [Bool](repeating: false, count: tokens.count + 1)
        active[prefix] = true
        skipEmpty(tokens, from: prefix, in: &active)
        for byte in path[prefix...] {
            var next = [Bool](repeating: false, count: tokens.count + 1)
            var isAlive = false
            for state in prefix..<tokens.count where active[state] {
                switch tokens[state] {
                case .byte(let expected):
                    guard expected == byte else { continue }
                    next[state + 1] = true
                case .withinSegment:
                    guard byte != UInt8(ascii: "/") else { continue }
                    next[state] = true
                case .anything:
                    next[state] = true
                case .untilSlash:
                    next[state] = true
                    if byte == UInt8(ascii: "/") { next[state + 1] = true }
                case .anySegments:
                    // Takes no byte itself; whoever was here is at the next states already.
                    continue
                }
                isAlive = true
            }
            guard isAlive else { return false }
            skipEmpty(tokens, from: prefix, in: &next)
            active = next
        }
        return active[tokens.count]
    }

    /// Stars may stand for nothing: whoever is at one is also behind it.
    private static func skipEmpty(_ tokens: [Token], from first: Int, in active: inout [Bool]) {
        for state in first..<tokens.count where active[state] {
            switch tokens[state] {
            case .byte, .untilSlash: break
            case .withinSegment, .anything: active[state + 1] = true
            case .anySegments:
                active[state + 1] = true
                active[state + 2] = true
            }
        }
    }
}

/// Looks over YAML text before it is parsed and refuses what a policy never needs but a parser can be hurt with.
///
/// Anchors and aliases (expansion bombs), tags, block scalars, merge of several documents and deep nesting are refused
/// here with a position. The commonest mistake of all, a wildcard without quotes (`- *.github.com`, an alias to YAML),
/// gets its own answer. The guard knows just enough YAML to tell where a token starts; what it lets through is still
/// checked by the parser and the reader.
struct YAMLGuard {
    private let source: String
    private var problems: [PolicyProblem] = []
    private var line = 1
    private var column = 1
    private var flowDepth = 0
    private var dashesOnLine = 0
    private var state = State.tokenStart

    private enum State {
        case tokenStart
        /// Inside a plain scalar, or just behind something that ends a token. `isQuoteEnd`: `previous` closed a quote.
        case plain(previous: Unicode.Scalar, isQuoteEnd: Bool = false)
        case singleQuoted
        case doubleQuoted(escaped: Bool)
        case comment
    }

    /// - Returns: the problems found; empty for text that may be parsed.
    static func problems(in text: String, source: String) -> [PolicyProblem] {
        var guardian = YAMLGuard(source: source)
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst(), guardian.problems.count < PolicyLimits.problemCount {
            guardian.take(scalar, rest: rest)
        }
        return guardian.problems
    }

    private init(source: String) { self.source = source }

    private mutating func take(_ scalar: Unicode.Scalar, rest: Substring.UnicodeScalarView) {
        let next = rest.first
        switch scalar {
        case "\u{85}", "\u{2028}", "\u{2029}":
            report("the file holds a line separator that only some YAML readers take for a line's end")
        case "\r" where next != "\n":
            report("the file holds a carriage return without a line feed")
        default:
            break
        }
        switch state {
        case .comment:
            break
        case .singleQuoted:
            // A doubled quote closes and reopens: the same two steps.
            if scalar == "'" { state = .plain(previous: "'", isQuoteEnd: true) }
        case .doubleQuoted(let escaped):
            if escaped { state = .doubleQuoted(escaped: false) } else if scalar == "\\" {
                state = .doubleQuoted(escaped: true)
            } else if scalar == "\"" { state = .plain(previous: "\"", isQuoteEnd: true) }
        case .plain(let previous, let isQuoteEnd):
            takePlain(scalar, previous: previous, isQuoteEnd: isQuoteEnd, next: next)
        case .tokenStart:
            takeTokenStart(scalar, rest: rest)
        }
        advance(scalar)
    }

    private mutating func takePlain(
        _ scalar: Unicode.Scalar, previous: Unicode.Scalar, isQuoteEnd: Bool, next: Unicode.Scalar?
    ) {
        switch scalar {
        case "#" where previous == " " || previous == "\t": state = .comment
        // A quote right after a closed single quote is the escaped quote of YAML's single-quoted style.
        case "'" where isQuoteEnd && previous == "'": state = .singleQuoted
        case ":" where isBlank(next) || (flowDepth > 0 && isFlowIndicator(next)): state = .tokenStart
        // JSON-like keys: in a flow collection a value may follow a quoted key's colon without a space.
        case ":" where flowDepth > 0 && isQuoteEnd: state = .tokenStart
        case "," where flowDepth > 0: state = .tokenStart
        case "[", "{", "]", "}":
            if flowDepth > 0 { takeBracket(scalar) } else { state = .plain(previous: scalar) }
        default: state = .plain(previous: scalar)
        }
    }

    private mutating func takeTokenStart(_ scalar: Unicode.Scalar, rest: Substring.UnicodeScalarView) {
        let next = rest.first
        switch scalar {
        case " ", "\t", "\n", "\r", "\u{FEFF}", ",": break
        case "#": state = .comment
        case "'": state = .singleQuoted
        case "\"": state = .doubleQuoted(escaped: false)
        case "[", "{", "]", "}": takeBracket(scalar)
        case "-" where isBlank(next):
            dashesOnLine += 1
            if dashesOnLine == PolicyLimits.documentDepth { report("lists are nested too deep") }
        case "?" where isBlank(next):
            report("keys marked with `?` are not used in policies", remedy: "KEY: VALUE")
        case "*":
            let word = String(String.UnicodeScalarView(rest.prefix { !isBlank($0) && !isFlowIndicator($0) }))
            report(
                "text that starts with `*` needs quotes: to YAML it is an alias, and a policy has none",
                remedy: "\"*\(TextSafety.printable(word, limitBytes: 100))\"")
            state = .plain(previous: "*")
        case "&":
            report("YAML anchors are not used in policies; write the value out, or quote text that starts with `&`")
            state = .plain(previous: "&")
        case "!":
            report("YAML tags are not used in policies; quote text that starts with `!`")
            state = .plain(previous: "!")
        case "|", ">":
            report("text blocks are not used in policies", remedy: "\"text on one line, in quotes\"")
            state = .plain(previous: scalar)
        default:
            state = .plain(previous: scalar)
        }
    }

    private mutating func takeBracket(_ scalar: Unicode.Scalar) {
        if scalar == "[" || scalar == "{" {
            flowDepth += 1
            if flowDepth == PolicyLimits.documentDepth { report("lists and mappings are nested too deep") }
            state = .tokenStart
        } else {
            flowDepth = max(0, flowDepth - 1)
            state = .plain(previous: scalar)
        }
    }

    private mutating func advance(_ scalar: Unicode.Scalar) {
        guard scalar == "\n" else {
            column += 1
            return
        }
        line += 1
        column = 1
        dashesOnLine = 0
        switch state {
        case .singleQuoted, .doubleQuoted: break
        case .tokenStart, .plain, .comment: state = .tokenStart
        }
    }

    private func isBlank(_ scalar: Unicode.Scalar?) -> Bool {
        switch scalar {
        case nil, " ", "\t", "\n", "\r": true
        default: false
        }
    }

    private func isFlowIndicator(_ scalar: Unicode.Scalar?) -> Bool {
        switch scalar {
        case ",", "[", "]", "{", "}": true
        default: false
        }
    }

    private mutating func report(_ message: String, remedy: String? = nil) {
        problems.append(
            PolicyProblem(source: source, line: line, column: column, message: message, remedy: remedy))
    }
}

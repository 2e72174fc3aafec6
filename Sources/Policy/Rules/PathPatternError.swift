/// Why text is no path pattern.
enum PathPatternError: Error, Hashable {
    case noLeadingSlash
    case tooLong
    case hasQuery
    case dotSegment
    case ambiguous
}

extension PathPatternError: CustomStringConvertible {
    var description: String {
        switch self {
        case .noLeadingSlash: "a path starts with `/`"
        case .tooLong: "the path is longer than \(PolicyLimits.pathPatternBytes) bytes"
        case .hasQuery: "paths are matched without query and fragment"
        case .dotSegment: "`.` and `..` segments are resolved before paths are matched, so this never matches"
        case .ambiguous: "the path holds bytes or escapes that servers read differently (%2F, %5C, control bytes, `^`, non-ASCII)"
        }
    }
}

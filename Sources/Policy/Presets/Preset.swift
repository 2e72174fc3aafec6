/// A policy that ships with the gateway: usable alone, or from `extends`.
package struct Preset: Sendable, Hashable {
    package let name: String
    /// One line on what it is for.
    package let summary: String
    /// A policy file, comments included.
    package let text: String

    package static let all: [Preset] = [
        .claudeCode, .codex, .cursor, .gemini, .npm, .pypi, .crates, .go, .debian, .gitHubReadOnly,
    ]

    package static func named(_ name: String) -> Preset? { all.first { $0.name == name } }

    /// The preset as a source for the loader; its name cannot be taken for a path.
    package var source: PolicySource { PolicySource(text: text, name: "preset:\(name)") }
}

/// Rules given as flags, joined to whatever policy is loaded.
package struct CommandLineRules: Hashable, Sendable {
    /// `HOST`, `HOST:PORT`, `*.HOST`, `ADDRESS:PORT`, `[V6ADDRESS]:PORT` or `CIDR:PORT`, one for each `--allow`.
    package var allow: [String]
    /// `--observe` was given.
    package var observe: Bool

    package init(allow: [String] = [], observe: Bool = false) {
        self.allow = allow
        self.observe = observe
    }
}

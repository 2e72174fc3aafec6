/// Why text is no host pattern, and what its writer meant.
struct HostPatternError: Error, Hashable {
    let message: String
    /// A whole rule to write instead, when there is one.
    let remedy: String?

    init(_ message: String, remedy: String? = nil) {
        self.message = message
        self.remedy = remedy
    }
}

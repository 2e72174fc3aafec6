/// Why a scope cannot be used.
package struct AgentScopeError: Error, Hashable, Sendable {
    package let message: String
    /// A line that could stand in its place.
    package let remedy: String

    init(_ message: String, remedy: String) {
        self.message = message
        self.remedy = remedy
    }
}

extension AgentScopeError: CustomStringConvertible {
    package var description: String { "\(message); write: \(remedy)" }
}

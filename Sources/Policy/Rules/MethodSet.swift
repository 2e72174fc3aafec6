import WireFormats

/// The HTTP methods a rule covers.
package struct MethodSet: Hashable, Sendable {
    /// Upper-case tokens in the order written.
    package let names: [String]
    private let tokens: [[UInt8]]

    package init(_ names: [String]) {
        self.names = names
        tokens = names.map { Array($0.utf8) }
    }

    /// Methods are compared byte for byte: they are case-sensitive (RFC 9110 section 9.1).
    package func contains(_ method: Span<UInt8>) -> Bool {
        for token in tokens where method.isEqual(to: token) { return true }
        return false
    }
}

/// Puts a policy together from its file and what that extends. Does no I/O: whoever calls brings the texts.
package enum PolicyLoader {
    /// Fetches a file that `extends` names.
    ///
    /// - Parameters: the name as written, and the source it was written in (relative paths start there).
    /// - Throws: anything; its description becomes the message at the `extends` line.
    package typealias Resolve = (_ name: String, _ includedBy: String) throws -> PolicySource

    /// Reads `text` and everything it extends. Presets are resolved here, all else by `resolve`.
    ///
    /// Rules of extended files come first. A file's own `mode` and `resolver` win over those of what it extends, and
    /// earlier entries of `extends` over later ones; rules and CA files add up. What is extended twice counts once.
    ///
    /// - Throws: every problem of every file.
    package static func load(text: String, source: String, resolve: Resolve) throws(PolicyError) -> PolicyModel {
        try load(PolicySource(text: text, name: source), resolve: resolve)
    }

    package static func load(_ source: PolicySource, resolve: Resolve) throws(PolicyError) -> PolicyModel {
        var assembly = PolicyAssembly()
        assembly.add(source, resolve: resolve)
        guard assembly.problems.isEmpty else { throw PolicyError(assembly.problems) }
        return assembly.model
    }
}

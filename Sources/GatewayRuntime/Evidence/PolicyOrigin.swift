package import TLSInterception

/// Where the policy in force came from, as it was when it was read.
package struct PolicyOrigin: Hashable, Sendable {
    /// One of its files. Presets are none.
    package struct File: Hashable, Sendable {
        /// From the root on.
        package var path: String
        package var digest: Digest

        package init(path: String, digest: Digest) {
            self.path = path
            self.digest = digest
        }
    }

    /// What was asked for: a file from the root on, or a preset's name; `nil` for none.
    package var source: String?
    /// The file itself, then those that it extends.
    package var files: [File]
    /// What the command line added.
    package var allow: [String]
    package var observe: Bool

    package init(source: String?, files: [File] = [], allow: [String] = [], observe: Bool = false) {
        self.source = source
        self.files = files
        self.allow = allow
        self.observe = observe
    }
}

/// A file that exists only in a jail's own `/run/portcullis`.
package struct JailFile: Sendable {
    /// Relative to `/run/portcullis`; at most one folder deep.
    package var name: String
    package var contents: [UInt8]
    /// Existing files that it stands in for: each is covered by a bind mount where it exists.
    package var covers: [String]

    package init(name: String, contents: [UInt8], covers: [String] = []) {
        self.name = name
        self.contents = contents
        self.covers = covers
    }

    /// Where jails find their files.
    package static let folder = "/run/portcullis"
}

/// The text of a policy file and the name to report its lines under.
package struct PolicySource: Hashable, Sendable {
    package let text: String
    /// Path or other name; two sources with one name are taken for the same file.
    package let name: String

    package init(text: String, name: String) {
        self.text = text
        self.name = name
    }
}

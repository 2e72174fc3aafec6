/// A value of a policy file with the place it was written at.
struct DocumentNode {
    enum Content {
        /// `isPlain` is true for text without quotes, which YAML may read as a number, a truth value or nothing.
        case scalar(String, isPlain: Bool)
        case sequence([DocumentNode])
        case mapping([(key: DocumentNode, value: DocumentNode)])
    }

    let content: Content
    let line: Int
    let column: Int

    /// What the value is, in the words of a message.
    var kind: String {
        switch content {
        case .scalar(let text, let isPlain):
            if !isPlain { return "text" }
            if text.isEmpty || text == "~" || text == "null" { return "nothing" }
            if YAMLText.readsAsNumber(text) { return "a number" }
            return YAMLText.readsAsOtherType(text) ? "a truth value" : "text"
        case .sequence: return "a list"
        case .mapping: return "a mapping"
        }
    }

    /// The text of a scalar that every YAML reader takes for a string.
    var string: String? {
        guard case .scalar(let text, let isPlain) = content, !isPlain || !YAMLText.readsAsOtherType(text) else {
            return nil
        }
        return text
    }

    /// The text of any scalar, quoted or not.
    var scalarText: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }
}

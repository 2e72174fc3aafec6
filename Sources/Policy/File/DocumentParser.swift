import Yams

/// Turns YAML text into ``DocumentNode``s.
enum DocumentParser {
    /// - Returns: the document's root, or `nil` for text without a document.
    /// - Throws: every problem the guard finds, or the first that the YAML parser stops at.
    static func parse(_ source: PolicySource) throws(PolicyError) -> DocumentNode? {
        guard source.text.utf8.count <= PolicyLimits.policyFileBytes else {
            throw PolicyError([
                PolicyProblem(
                    source: source.name, line: 1, column: 1,
                    message: "the file is \(source.text.utf8.count) bytes long; the limit is \(PolicyLimits.policyFileBytes)")
            ])
        }
        let found = YAMLGuard.problems(in: source.text, source: source.name)
        guard found.isEmpty else { throw PolicyError(found) }
        do {
            // Without resolver rules every scalar stays text; what it means is decided in the reader.
            let parser = try Parser(yaml: source.text, resolver: .basic, encoding: .utf8)
            guard let root = try parser.singleRoot() else { return nil }
            return try node(root, source: source.name, depth: 0)
        } catch let error as PolicyError {
            throw error
        } catch {
            throw PolicyError([problem(for: error, in: source)])
        }
    }

    private static func node(_ node: Node, source: String, depth: Int) throws(PolicyError) -> DocumentNode {
        let line = node.mark?.line ?? 1
        let column = node.mark?.column ?? 1
        func refuse(_ message: String) -> PolicyError {
            PolicyError([PolicyProblem(source: source, line: line, column: column, message: message)])
        }
        guard depth < PolicyLimits.documentDepth else { throw refuse("lists and mappings are nested too deep") }
        guard node.anchor == nil else { throw refuse("YAML anchors are not used in policies; write the value out") }
        switch node {
        case .scalar(let scalar):
            return DocumentNode(
                content: .scalar(scalar.string, isPlain: scalar.style == .plain), line: line, column: column)
        case .sequence(let items):
            var children: [DocumentNode] = []
            children.reserveCapacity(items.count)
            for item in items { children.append(try self.node(item, source: source, depth: depth + 1)) }
            return DocumentNode(content: .sequence(children), line: line, column: column)
        case .mapping(let pairs):
            var children: [(key: DocumentNode, value: DocumentNode)] = []
            children.reserveCapacity(pairs.count)
            for pair in pairs {
                let key = try self.node(pair.key, source: source, depth: depth + 1)
                children.append((key, try self.node(pair.value, source: source, depth: depth + 1)))
            }
            return DocumentNode(content: .mapping(children), line: line, column: column)
        case .alias:
            throw refuse("YAML aliases are not used in policies; write the value out")
        }
    }

    private static func problem(for error: any Error, in source: PolicySource) -> PolicyProblem {
        func at(_ mark: Mark, _ message: String) -> PolicyProblem {
            PolicyProblem(source: source.name, line: mark.line, column: mark.column, message: message)
        }
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            return at(mark, "this is not YAML: \(problem)")
        case .composer(_, _, let mark, _):
            return at(mark, "a policy file holds one document; remove the `---` and what follows it")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "`\(TextSafety.printable($0, limitBytes: 64))`" }.joined(separator: ", ")
            return at(context.mark, "\(names) is given more than once in the same mapping; keep one")
        case .reader(_, let offset, _, _):
            let (line, column) = place(ofByte: offset ?? 0, in: source.text)
            return PolicyProblem(
                source: source.name, line: line, column: column, message: "the file holds a byte that YAML does not allow")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded, nil:
            return PolicyProblem(source: source.name, line: 1, column: 1, message: "the file cannot be read as YAML")
        }
    }

    private static func place(ofByte offset: Int, in text: String) -> (line: Int, column: Int) {
        let before = text.utf8.prefix(offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { before.index(after: $0) } ?? before.startIndex
        return (line, before[start...].count + 1)
    }
}

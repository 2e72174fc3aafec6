import Foundation

/// The repository's own files, found from this one.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Paths below `folder`, from the root, of files with this extension.
    static func files(below folder: String, withExtension pathExtension: String) -> [String] {
        let base = root.appending(path: folder)
        guard let names = FileManager.default.enumerator(atPath: base.path()) else { return [] }
        return names.compactMap { $0 as? String }.filter { $0.hasSuffix("." + pathExtension) }.map { folder + "/" + $0 }.sorted()
    }

    /// Lines of a Swift file that are code: comments and text literals over several lines left out.
    static func codeLines(_ path: String) throws -> [Substring] {
        var isInText = false
        return try text(path).split(separator: "\n").filter { line in
            let isEdge = line.contains("\"\"\"")
            defer { if isEdge { isInText.toggle() } }
            return !isInText && !line.drop { $0 == " " }.hasPrefix("//")
        }
    }

    /// Modules that a Swift file imports.
    static func imports(_ path: String) throws -> Set<String> {
        var modules: Set<String> = []
        for line in try codeLines(path) {
            let words = line.split(separator: " ")
            guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count else { continue }
            // Only modifiers and attributes stand before it.
            guard words[..<keyword].allSatisfy({ $0.hasPrefix("@") || ["package", "internal", "public", "private", "fileprivate"].contains($0) })
            else { continue }
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let name = kinds.contains(words[keyword + 1]) && keyword + 2 < words.count ? words[keyword + 2] : words[keyword + 1]
            modules.insert(String(name.prefix { $0 != "." }))
        }
        return modules
    }

    /// Modules that any file of a source target imports.
    static func imports(ofTarget target: String) throws -> Set<String> {
        var modules: Set<String> = []
        for file in files(below: "Sources/" + target, withExtension: "swift") { modules.formUnion(try imports(file)) }
        return modules
    }
}

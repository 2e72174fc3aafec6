import Policy
import Testing

/// Loads policies from text, as tests write them.
enum PolicyText {
    static func model(_ text: String, files: [String: String] = [:]) throws -> PolicyModel {
        try PolicyLoader.load(text: text, source: "policy.yaml") { name, _ in
            guard let text = files[name] else { throw Missing.file(name) }
            return PolicySource(text: text, name: name)
        }
    }

    static func compile(_ rules: String) throws -> CompiledPolicy {
        try model("version: 1\n" + rules).compiled()
    }

    /// The problems of a text that must not load, printed.
    static func problems(_ text: String, files: [String: String] = [:]) -> [String] {
        do {
            _ = try model(text, files: files)
            return []
        } catch {
            return (error as? PolicyError)?.problems.map(\.description) ?? ["\(error)"]
        }
    }

    enum Missing: Error, CustomStringConvertible {
        case file(String)

        var description: String {
            switch self {
            case .file(let name): "no file \(name)"
            }
        }
    }
}

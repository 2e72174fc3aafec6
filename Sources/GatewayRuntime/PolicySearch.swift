internal import LinuxKernel
package import Policy

/// Finds the policy: `--policy`, then `./portcullis.yaml`, then the user's and the system's configuration folders.
package enum PolicySearch {
    /// A policy and where it was found; `path` is `nil` when none was.
    package struct Found: Sendable {
        package var model: PolicyModel
        package var source: String?
    }

    /// - Parameters:
    ///   - argument: `--policy`'s value, a file or a preset's name.
    ///   - home: the invoking user's home folder.
    /// - Throws: ``PolicyError`` for a policy that does not hold, ``SystemCallError`` for one that cannot be read. A
    ///   policy that was found is never passed over for the next place.
    package static func load(_ argument: String?, home: String) throws -> Found {
        if let argument {
            if !argument.contains("/"), !argument.contains("."), let preset = Preset.named(argument) {
                return Found(model: try load(preset.source), source: preset.source.name)
            }
            guard exists(argument) || argument.contains("/") || argument.contains(".") else {
                let names = Preset.all.map(\.name).joined(separator: ", ")
                throw PolicySearchError.unknownPreset(argument, known: names)
            }
            return Found(model: try load(read(argument)), source: argument)
        }
        let configuration = ProcessSettings.environment("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        let candidates = [
            "./portcullis.yaml", "\(configuration ?? home + "/.config")/portcullis/policy.yaml",
            "/etc/portcullis/policy.yaml",
        ]
        for path in candidates where exists(path) {
            return Found(model: try load(read(path)), source: path)
        }
        return Found(model: .empty, source: nil)
    }

    private static func exists(_ path: String) -> Bool { FileText.exists(path) }

    private static func read(_ path: String) throws -> PolicySource {
        let bytes = try FileText.read(path, limit: PolicyLimits.policyFileBytes + 1)
        return PolicySource(text: String(decoding: bytes, as: UTF8.self), name: path)
    }

    private static func load(_ source: PolicySource) throws -> PolicyModel {
        try PolicyLoader.load(source) { name, includedBy in
            if let preset = Preset.named(name) { return preset.source }
            // Relative to the file that names it.
            let folder = includedBy.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            return try read(name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name)
        }
    }
}

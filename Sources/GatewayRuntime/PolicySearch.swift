internal import LinuxKernel
package import Policy
internal import TLSInterception

/// Finds the policy: `--policy`, then `./portcullis.yaml`, then the user's and the system's configuration folders.
package enum PolicySearch {
    /// A policy and where it was found; `source` is `nil` when none was.
    package struct Found: Sendable {
        package var model: PolicyModel
        package var source: String?
        /// What was read for it: the file, and those that it extends.
        package var files: [PolicyOrigin.File] = []

        /// - Parameters: what the command line added.
        func origin(allow: [String], observe: Bool) -> PolicyOrigin {
            let isFile = !files.isEmpty
            return PolicyOrigin(
                source: source.map { isFile ? FileText.absolute($0) : $0 }, files: files, allow: allow, observe: observe)
        }
    }

    /// - Parameters:
    ///   - argument: `--policy`'s value, a file or a preset's name.
    ///   - home: the invoking user's home folder.
    /// - Throws: ``PolicyError`` for a policy that does not hold, ``SystemCallError`` for one that cannot be read. A
    ///   policy that was found is never passed over for the next place.
    package static func load(_ argument: String?, home: String) throws -> Found {
        if let argument {
            if !argument.contains("/"), !argument.contains("."), let preset = Preset.named(argument) {
                var files: [PolicyOrigin.File] = []
                let model = try load(preset.source, &files)
                return Found(model: model, source: preset.source.name, files: files)
            }
            guard exists(argument) || argument.contains("/") || argument.contains(".") else {
                let names = Preset.all.map(\.name).joined(separator: ", ")
                throw PolicySearchError.unknownPreset(argument, known: names)
            }
            return try found(at: argument)
        }
        let configuration = ProcessSettings.environment("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        let candidates = [
            "./portcullis.yaml", "\(configuration ?? home + "/.config")/portcullis/policy.yaml",
            "/etc/portcullis/policy.yaml",
        ]
        for path in candidates where exists(path) {
            return try found(at: path)
        }
        return Found(model: .empty, source: nil)
    }

    private static func exists(_ path: String) -> Bool { FileText.exists(path) }

    private static func found(at path: String) throws -> Found {
        var files: [PolicyOrigin.File] = []
        let model = try load(read(path, &files), &files)
        return Found(model: model, source: path, files: files)
    }

    private static func read(_ path: String, _ files: inout [PolicyOrigin.File]) throws -> PolicySource {
        let bytes = try FileText.read(path, limit: PolicyLimits.policyFileBytes + 1)
        let file = PolicyOrigin.File(path: FileText.absolute(path), digest: Digest(of: bytes))
        if !files.contains(file) { files.append(file) }
        return PolicySource(text: String(decoding: bytes, as: UTF8.self), name: path)
    }

    private static func load(_ source: PolicySource, _ files: inout [PolicyOrigin.File]) throws -> PolicyModel {
        try PolicyLoader.load(source) { name, includedBy in
            if let preset = Preset.named(name) { return preset.source }
            // Relative to the file that names it.
            let folder = includedBy.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            return try read(name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name, &files)
        }
    }
}

/// Why no policy could be looked for.
package enum PolicySearchError: Error, Hashable, Sendable {
    case unknownPreset(String, known: String)
}

extension PolicySearchError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownPreset(let name, let known): "no file or preset is called \(name); the presets are \(known)"
        }
    }
}

internal import Policy

/// The presets' names, for help texts.
enum Presets {
    static var names: String { Preset.all.map(\.name).joined(separator: ", ") }
}

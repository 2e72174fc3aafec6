internal import ArgumentParser

/// A value of `--allow`, which the policy reads.
struct HostArgument: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        text = argument
    }

    var defaultValueDescription: String { text }
    static var valueName: String { "HOST[:PORT]" }
}

internal import LinuxKernel

/// What is said on standard error and standard output.
enum Message {
    /// `portcullis: TEXT`
    static func fail(_ text: String) {
        // Nobody is left to tell when standard error is gone.
        try? LineOutput.standardError.write("portcullis: \(text)\n")
    }

    static func print(_ text: String) {
        try? LineOutput.standardOutput.write(text + "\n")
    }
}

internal import LinuxKernel

/// The command line in two parts: the gateway's own words, and after `--` the command's, which are nobody's to read.
///
/// A command may have a hundred thousand arguments, in any encoding. The argument parser takes time that grows with their
/// square, and repairs what is not UTF-8.
enum CommandWords {
    /// What the argument parser reads. Of `run`'s command that is the program's name.
    static var own: [String] {
        let words = Array(CommandLine.arguments.dropFirst())
        guard words.first == "run", let end = words.firstIndex(of: "--") else { return words }
        return Array(words.prefix(end + 2))
    }

    /// The command's words, byte for byte.
    static var afterTerminator: [[UInt8]] {
        Array(ProcessSettings.arguments().drop { $0 != Array("--".utf8) }.dropFirst())
    }
}

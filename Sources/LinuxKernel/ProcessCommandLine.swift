internal import CLinux
internal import Glibc

/// What may be known of a process's command line: the program's name and the number of words.
struct ProcessCommandLine: Hashable {
    /// `nil` for a process without one.
    var program: String?
    var wordCount: Int
    /// True where it is longer than is read.
    var isCut: Bool

    /// The most that is read to count the words, in bytes; the kernel allows 6 MiB and more.
    static let limitBytes: UInt32 = 1 << 20
    /// How long a process may take to hand it over: it is memory, unless somebody put something else under it.
    static let milliseconds: Int32 = 1000

    /// Of a process that has ended.
    static let none = ProcessCommandLine(program: nil, wordCount: 0, isCut: false)

    private init(program: String?, wordCount: Int, isCut: Bool) {
        self.program = program
        self.wordCount = wordCount
        self.isCut = isCut
    }

    /// - Parameter descriptor: of `/proc/PID/cmdline`, at its beginning.
    /// - Throws: `ETIMEDOUT` when the process keeps its reader waiting.
    init(
        _ descriptor: borrowing Descriptor, limitBytes: UInt32 = Self.limitBytes, milliseconds: Int32 = Self.milliseconds
    ) throws(SystemCallError) {
        var line = clinux_command_line()
        // SAFETY: the structure is ours.
        let result = unsafe clinux_read_command_line(descriptor.number, limitBytes, milliseconds, &line)
        try SystemCallError.check(result, "read a command line")
        // SAFETY: 256 bytes, as the structure has them.
        let first = unsafe withUnsafeBytes(of: &line.first) { unsafe Array($0) }
        program = ProcessText.program(Array(first.prefix(Int(line.bytes))))
        wordCount = Int(line.ends) + Int(line.is_open)
        isCut = line.is_cut != 0
    }
}

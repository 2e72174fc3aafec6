/// One process as `/proc` has it (proc_pid(5)), without what may hold secrets: of its command line there is the program's
/// name and the number of words, of its environment nothing.
package struct ProcessEntry: Hashable, Sendable {
    package var process: Int32
    package var parent: Int32
    /// In clock ticks since boot: with its number it names a process for good. See ``StatusFolder/isAlive(_:startedAt:)``.
    package var start: UInt64
    package var realUser: UInt32
    package var effectiveUser: UInt32
    /// The kernel's letter: `R`, `S`, `D`, `T`, `Z`, …
    package var state: Character
    /// What the process calls itself, 15 bytes at most; nothing that can be believed.
    package var name: String
    package var threads: Int
    /// Below the root of the unified hierarchy, without slashes at its ends; `nil` where there is none.
    package var cgroup: String?
    /// Numbers of its process namespace's file, and of those above it as far as the caller's own: a process may make
    /// namespaces of its own, and does not leave the one that it was put into. Empty for a process that is ending.
    package var processNamespaces: [UInt64]
    /// `nil` for a process that is ending.
    package var networkNamespace: UInt64?
    /// `nil` unless asked for.
    package var details: Details?

    package var processNamespace: UInt64? { processNamespaces.first }

    /// What takes a look at more files.
    package struct Details: Hashable, Sendable {
        /// The program's file; `(deleted)` stands behind one that is gone. `nil` for a process that is ending.
        package var executable: String?
        /// The first word of the command line as far as its first blank, 256 bytes at most: programs that write a title
        /// there put all of their command line into one word.
        package var program: String?
        /// Words of the command line, the first included; `nil` for one that could not be read.
        package var argumentCount: Int?
        /// True where the command line is longer than is read to count its words.
        package var hasMoreArguments: Bool
        /// Numbers of the sockets that it holds, as sock_diag(7) has them.
        package var sockets: [UInt64]
        /// True where it holds more descriptors than are looked at.
        package var hasMoreDescriptors: Bool
    }
}

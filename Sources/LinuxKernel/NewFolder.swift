internal import Glibc

/// A folder that comes to be whole or not at all: it is filled under another name beside its place, and moved there at the
/// end. Its owner alone may look into it, whatever the umask.
package struct NewFolder: ~Copyable {
    /// Without slashes at its end.
    package let path: String
    private let parent: Descriptor
    private let name: String
    private let partialName: String
    private let folder: Descriptor
    /// Files and folders inside, in the order they were made.
    private var made: [(name: String, isFolder: Bool)] = []
    private var isInPlace = false

    /// - Parameter path: of a folder that is not there, or is there and empty; the one above it must be there.
    package init(_ path: String) throws(SystemCallError) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let last = parts.last, !last.isEmpty, last != ".", last != ".." else {
            throw SystemCallError("make the folder \(path): name a new one", number: EINVAL)
        }
        let above = parts.dropLast().joined(separator: "/")
        let name = String(last)
        let parent = try Descriptor.open(above.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : above, O_RDONLY | O_DIRECTORY)
        try Self.checkIsFree(name, in: parent, path)
        let partialName = ".\(name.prefix(200)).partial-\(getpid())"
        let folder = try Self.make(partialName, in: parent, path)
        self.path = path
        self.name = name
        self.parent = parent
        self.partialName = partialName
        self.folder = folder
    }

    private static func make(_ name: String, in parent: borrowing Descriptor, _ path: String) throws(SystemCallError) -> Descriptor {
        // SAFETY: names are NUL-terminated copies for the length of the calls.
        guard unsafe mkdirat(parent.number, name, 0o700) == 0 else { throw .last("make a folder beside \(path)") }
        let number = unsafe openat(parent.number, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0, fchmod(number, 0o700) == 0 else {
            let failure = SystemCallError.last("open the folder beside \(path)")
            if number >= 0 { close(number) }
            _ = unsafe unlinkat(parent.number, name, AT_REMOVEDIR)
            throw failure
        }
        return Descriptor(owning: number)
    }

    deinit {
        guard !isInPlace else { return }
        for entry in made.reversed() {
            // SAFETY: as above.
            _ = unsafe unlinkat(folder.number, entry.name, entry.isFolder ? AT_REMOVEDIR : 0)
        }
        _ = unsafe unlinkat(parent.number, partialName, AT_REMOVEDIR)
    }

    /// An empty folder is replaced at the end; a link, a file or somebody's things never are.
    private static func checkIsFree(_ name: String, in parent: borrowing Descriptor, _ path: String) throws(SystemCallError) {
        var information = stat()
        // SAFETY: the name is a NUL-terminated copy for the length of the call; the structure is ours.
        guard unsafe fstatat(parent.number, name, &information, AT_SYMLINK_NOFOLLOW) == 0 else {
            guard errno == ENOENT else { throw .last("look at \(path)") }
            return
        }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            throw SystemCallError("make the folder \(path): something is there that is no folder", number: EEXIST)
        }
        var isEmpty = true
        let number = unsafe openat(parent.number, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0 else { throw .last("look into \(path)") }
        let held = Descriptor(owning: number)
        try ProcessFolder.forEachName(in: "/proc/self/fd/\(held.number)") { _ in
            isEmpty = false
            return false
        }
        guard isEmpty else { throw SystemCallError("make the folder \(path): it is there and not empty", number: ENOTEMPTY) }
    }

    /// Makes a folder inside.
    package mutating func makeFolder(_ name: String) throws(SystemCallError) {
        // SAFETY: as above.
        guard unsafe mkdirat(folder.number, name, 0o700) == 0 else { throw .last("make the folder \(name)") }
        made.append((name, true))
    }

    /// Makes a file inside that its owner alone may read, filled by `body`, and waits until it is on disk.
    package mutating func makeFile(
        _ name: String, _ body: (borrowing Writer) throws -> Void
    ) throws {
        // SAFETY: as above.
        let number = unsafe openat(folder.number, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw SystemCallError.last("create \(name)") }
        let writer = Writer(descriptor: Descriptor(owning: number), name: name)
        made.append((name, false))
        guard fchmod(number, 0o600) == 0 else { throw SystemCallError.last("set the mode of \(name)") }
        try body(writer)
        guard fsync(number) == 0 else { throw SystemCallError.last("write \(name) to disk") }
    }

    /// Takes away a file that was made last and is not to be there after all.
    package mutating func removeFile(_ name: String) {
        guard let index = made.lastIndex(where: { $0.name == name && !$0.isFolder }) else { return }
        // SAFETY: as above.
        _ = unsafe unlinkat(folder.number, name, 0)
        made.remove(at: index)
    }

    /// Puts the folder into its place.
    package mutating func putIntoPlace() throws(SystemCallError) {
        guard fsync(folder.number) == 0 else { throw .last("write \(path) to disk") }
        // SAFETY: as above.
        guard unsafe renameat(parent.number, partialName, parent.number, name) == 0 else { throw .last("put \(path) into its place") }
        isInPlace = true
        guard fsync(parent.number) == 0 else { throw .last("write the folder above \(path) to disk") }
    }

    /// A file that is being filled.
    package struct Writer: ~Copyable {
        fileprivate let descriptor: Descriptor
        fileprivate let name: String

        package func write(_ bytes: [UInt8]) throws(SystemCallError) {
            var written = 0
            while written < bytes.count {
                // SAFETY: the range is inside the buffer.
                let count = unsafe bytes.withUnsafeBytes {
                    unsafe Glibc.write(descriptor.number, $0.baseAddress?.advanced(by: written), $0.count - written)
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw .last("write \(name)") }
                written += count
            }
        }
    }
}

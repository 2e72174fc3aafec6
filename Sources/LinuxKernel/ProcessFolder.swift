internal import CLinux
internal import Glibc

/// The folder of one process below `/proc`, held open: once the process is gone nothing in it can be read, and what comes
/// later under the same number is never mistaken for it.
struct ProcessFolder: ~Copyable {
    private let descriptor: Descriptor

    /// - Throws: `ENOENT` when there is no such process.
    init(_ process: Int32) throws(SystemCallError) {
        descriptor = try .open("/proc/\(process)", O_RDONLY | O_DIRECTORY)
    }

    static func malformed(_ file: String) -> SystemCallError {
        SystemCallError("understand /proc/PID/\(file)", number: EBADMSG)
    }

    func open(_ name: String) throws(SystemCallError) -> Descriptor {
        // SAFETY: the name is a NUL-terminated copy for the length of the call.
        let number = unsafe openat(descriptor.number, name, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw .last("open /proc/PID/\(name)") }
        return Descriptor(owning: number)
    }

    /// The first `limit` bytes of a file, and whether that is all of it.
    func read(_ name: String, limit: Int) throws(SystemCallError) -> (bytes: [UInt8], isWhole: Bool) {
        let file = try open(name)
        var bytes = [UInt8](repeating: 0, count: limit)
        var filled = 0
        while filled < limit {
            // SAFETY: the kernel writes at most as much as is left of the buffer.
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe Glibc.read(file.number, $0.baseAddress?.advanced(by: filled), limit - filled)
            }
            guard count >= 0 else { throw .last("read /proc/PID/\(name)") }
            if count == 0 { return (Array(bytes[..<filled]), true) }
            filled += count
        }
        return (bytes, false)
    }

    /// What a link says; `nil` when it cannot be read or is longer than a path may be.
    func link(_ name: String) -> [UInt8]? {
        var characters = [CChar](repeating: 0, count: 4096)
        // SAFETY: the kernel writes at most `count` bytes; the name is a NUL-terminated copy for the length of the call.
        let count = unsafe readlinkat(descriptor.number, name, &characters, characters.count)
        guard count >= 0, count < characters.count else { return nil }
        return characters[..<count].map { UInt8(bitPattern: $0) }
    }

    /// A process namespace and those above it, as far as they can be seen from the caller's own.
    ///
    /// - Parameters:
    ///   - link: in the folder.
    ///   - number: that the link has: what it leads to later may be another one.
    func lineage(_ link: String, from number: UInt64) -> [UInt64] {
        var numbers = [number]
        // SAFETY: the name is a NUL-terminated copy for the length of the call.
        var next = unsafe openat(descriptor.number, link, O_RDONLY | O_CLOEXEC)
        // The kernel nests 32 deep (MAX_PID_NS_LEVEL).
        while next >= 0, numbers.count <= 32 {
            let above = clinux_parent_namespace(next)
            close(next)
            next = above
            guard above >= 0 else { break }
            var information = stat()
            // SAFETY: the structure is ours.
            guard unsafe fstat(above, &information) == 0 else { break }
            numbers.append(UInt64(information.st_ino))
        }
        if next >= 0 { close(next) }
        return numbers
    }

    /// The names in a folder of the process's, until `body` returns false.
    func forEachName(in folder: String, _ body: (String) -> Bool) throws(SystemCallError) {
        // SAFETY: the name is a NUL-terminated copy for the length of the call.
        let number = unsafe openat(descriptor.number, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .last("open /proc/PID/\(folder)") }
        try Self.forEachName(number, folder, body)
    }

    /// The names in any folder, until `body` returns false.
    static func forEachName(in path: String, _ body: (String) -> Bool) throws(SystemCallError) {
        try forEachName(try Descriptor.open(path, O_RDONLY | O_DIRECTORY).release(), path, body)
    }

    /// - Parameter number: an open folder, which is closed here.
    private static func forEachName(_ number: Int32, _ path: String, _ body: (String) -> Bool) throws(SystemCallError) {
        // SAFETY: the stream takes the descriptor over; it is closed below, and names are copied.
        guard let stream = unsafe fdopendir(number) else {
            let failure = SystemCallError.last("look into \(path)")
            close(number)
            throw failure
        }
        defer { unsafe closedir(stream) }
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            if !body(name) { return }
        }
    }
}

internal import Glibc

/// Small files, read whole.
package enum FileText {
    /// Reads a file of at most `limit` bytes.
    ///
    /// - Throws: `EFBIG` when it is larger.
    package static func read(_ path: String, limit: Int) throws(SystemCallError) -> [UInt8] {
        let descriptor = try Descriptor.open(path, O_RDONLY)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            // SAFETY: the kernel writes at most `count` bytes.
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor.number, $0.baseAddress, $0.count)
            }
            guard count >= 0 else { throw .last("read \(path)") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw SystemCallError("read \(path)", number: EFBIG) }
        }
    }

    /// Creates or replaces a file.
    ///
    /// - Parameter mode: permission bits; set exactly, whatever the umask.
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(SystemCallError) {
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        let number = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard number >= 0 else { throw .last("create \(path)") }
        let descriptor = Descriptor(owning: number)
        guard fchmod(descriptor.number, mode) == 0 else { throw .last("set the mode of \(path)") }
        var written = 0
        while written < bytes.count {
            // SAFETY: the range is inside the buffer.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor.number, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            guard count > 0 else { throw .last("write \(path)") }
            written += count
        }
    }

    /// Replaces a file as a whole: whoever reads it meanwhile, or after a power failure, finds the old text or the new one.
    ///
    /// - Parameter mode: permission bits; set exactly, whatever the umask.
    package static func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(SystemCallError) {
        let (folder, name) = split(path)
        // Seen by nobody who lists the folder.
        let fresh = "\(folder)/.\(name).\(getpid())"
        try write(bytes, to: fresh, mode: mode)
        try synchronise(fresh, O_RDONLY)
        // SAFETY: the paths are NUL-terminated copies for the length of the call.
        guard unsafe rename(fresh, path) == 0 else {
            let failure = SystemCallError.last("replace \(path)")
            _ = unsafe unlink(fresh)
            throw failure
        }
        try synchronise(folder, O_RDONLY | O_DIRECTORY)
    }

    /// Makes an account the owner.
    ///
    /// - Parameter mode: permission bits from now on.
    package static func give(_ path: String, to account: GatewayAccount, mode: UInt32) throws(SystemCallError) {
        // SAFETY: the path is a NUL-terminated copy for the length of the calls.
        guard unsafe lchown(path, account.user, account.group) == 0, unsafe chmod(path, mode) == 0 else {
            throw .last("give \(path) to user \(account.user)")
        }
    }

    /// Adds to a file's end, in one write; on disk when it returns.
    ///
    /// - Parameter mode: of a file that is made.
    package static func append(_ bytes: [UInt8], to path: String, mode: UInt32) throws(SystemCallError) {
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        let number = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, mode)
        guard number >= 0 else { throw .last("open \(path)") }
        let descriptor = Descriptor(owning: number)
        // SAFETY: the buffer outlives the call, and its count is the length given.
        let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor.number, $0.baseAddress, $0.count) }
        guard written == bytes.count, fsync(descriptor.number) == 0 else { throw .last("write \(path)") }
    }

    /// Removes a file for good.
    ///
    /// - Returns: false when it was not there.
    package static func remove(_ path: String) throws(SystemCallError) -> Bool {
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        guard unsafe unlink(path) == 0 else {
            if errno == ENOENT { return false }
            throw .last("remove \(path)")
        }
        try synchronise(split(path).folder, O_RDONLY | O_DIRECTORY)
        return true
    }

    private static func synchronise(_ path: String, _ flags: Int32) throws(SystemCallError) {
        let descriptor = try Descriptor.open(path, flags)
        guard fsync(descriptor.number) == 0 else { throw .last("write \(path) to disk") }
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }
}

extension FileText {
    /// What changes when a file is written or replaced.
    package struct Stamp: Hashable, Sendable {
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    /// - Returns: `nil` for a file that is not there, or may not be looked at.
    package static func stamp(_ path: String) -> Stamp? {
        var information = stat()
        // SAFETY: the path is a NUL-terminated copy for the length of the call; the structure is ours.
        guard unsafe stat(path, &information) == 0 else { return nil }
        return Stamp(
            inode: UInt64(information.st_ino), size: Int64(information.st_size), seconds: information.st_mtim.tv_sec,
            nanoseconds: information.st_mtim.tv_nsec)
    }

    /// Makes a folder and those above it that are missing.
    ///
    /// - Parameter mode: of the folders that are made.
    package static func makeFolder(_ path: String, mode: UInt32) throws(SystemCallError) {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            // SAFETY: the path is a NUL-terminated copy for the length of the call.
            guard unsafe mkdir(made, mode) == 0 || errno == EEXIST else { throw .last("make the folder \(made)") }
        }
    }

    /// A path from the root, seen from the folder that the process is in.
    package static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        // SAFETY: the result is NUL-terminated, and ours to free.
        guard let folder = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(folder) }
        return unsafe String(cString: folder) + "/" + path
    }

    /// Whether something can be found at a path; a path that may not be looked at counts as found, so that reading it
    /// says why.
    package static func exists(_ path: String) -> Bool {
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        unsafe access(path, F_OK) == 0 || errno == EACCES
    }
}

internal import Glibc

/// A plain file that is read at offsets: never a link, a pipe or a device, which might lead elsewhere or never end.
package struct PlainFile: ~Copyable {
    private let descriptor: Descriptor
    private let path: String
    package let device: UInt64
    package let inode: UInt64
    /// When it was opened, in bytes; others may go on writing.
    package let size: UInt64

    /// - Throws: `ELOOP` for a link, `EINVAL` for what else is no plain file.
    package init(_ path: String) throws(SystemCallError) {
        // A pipe without a writer would keep its reader waiting.
        let descriptor = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        var information = stat()
        // SAFETY: the structure is ours.
        guard unsafe fstat(descriptor.number, &information) == 0 else { throw .last("look at \(path)") }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw SystemCallError("read \(path), which is no plain file", number: EINVAL)
        }
        self.descriptor = descriptor
        self.path = path
        device = UInt64(information.st_dev)
        inode = UInt64(information.st_ino)
        size = UInt64(information.st_size)
    }

    /// Up to `count` bytes from an offset on; fewer where the file ends.
    package func read(at offset: UInt64, count: Int) throws(SystemCallError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            // SAFETY: the kernel writes at most as much as is left of the buffer.
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe pread(descriptor.number, $0.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + off_t(filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .last("read \(path)") }
            if got == 0 { break }
            filled += got
        }
        return filled == count ? bytes : Array(bytes[..<filled])
    }

    /// Whether a process has this very file open, by whatever name; `nil` when that cannot be seen.
    package func isOpen(in process: Int32) -> Bool? {
        var isOpen = false
        do throws(SystemCallError) {
            try ProcessFolder.forEachName(in: "/proc/\(process)/fd") { name in
                var information = stat()
                // SAFETY: the path is a NUL-terminated copy for the length of the call; the structure is ours.
                guard unsafe stat("/proc/\(process)/fd/\(name)", &information) == 0 else { return true }
                isOpen = UInt64(information.st_dev) == device && UInt64(information.st_ino) == inode
                return !isOpen
            }
        } catch {
            return nil
        }
        return isOpen
    }
}

extension FileText {
    /// A path from the root on, by the process's working folder where it is none.
    package static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        var characters = [CChar](repeating: 0, count: 4096)
        // SAFETY: the C library writes at most `count` bytes, a NUL among them.
        guard unsafe getcwd(&characters, characters.count) != nil else { return path }
        let folder = String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return folder + (folder.hasSuffix("/") ? "" : "/") + path
    }
}

internal import CLinux
internal import Glibc

/// A descriptor that lines are written to.
package struct LineOutput: Sendable {
    private let descriptor: Int32
    /// True for a file that is appended to: the kernel keeps one write's bytes together (open(2), `O_APPEND`). A pipe or a
    /// terminal may mix those of several threads.
    package let keepsLinesWhole: Bool

    /// Standard error.
    package static let standardError = LineOutput(descriptor: 2, keepsLinesWhole: false)
    package static let standardOutput = LineOutput(descriptor: 1, keepsLinesWhole: false)

    private init(descriptor: Int32, keepsLinesWhole: Bool) {
        self.descriptor = descriptor
        self.keepsLinesWhole = keepsLinesWhole
    }

    /// Opens a file to append to, readable by its owner alone; it stays open until the process ends.
    ///
    /// A link that is not root's is not followed: in a folder of its own the agent of an earlier run could have left one
    /// that leads to a file which only root may write, and then choose the host names that are written there.
    package static func appending(to path: String) throws(SystemCallError) -> LineOutput {
        var walked = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            walked += "/" + part
            var status = stat()
            // SAFETY: the path is a NUL-terminated copy for the length of the call, the structure ours.
            guard unsafe lstat(walked, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, status.st_uid != 0 else { continue }
            throw SystemCallError("open the log \(path): \(walked) is a link that is not root's; name what it leads to", number: ELOOP)
        }
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw .last("open the log \(path)") }
        var status = stat()
        // SAFETY: the structure is ours.
        let isFile = unsafe fstat(number, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        return LineOutput(descriptor: number, keepsLinesWhole: isFile)
    }

    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes all of it, or throws.
    package func write(_ bytes: Span<UInt8>) throws(SystemCallError) {
        var written = 0
        while written < bytes.count {
            // SAFETY: the range is inside the buffer.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last("write to descriptor \(descriptor)") }
            written += count
        }
    }

    package func write(_ text: String) throws(SystemCallError) {
        let bytes = Array(text.utf8)
        try write(bytes.span)
    }
}

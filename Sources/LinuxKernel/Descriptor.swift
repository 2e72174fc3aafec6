internal import CLinux
internal import Glibc

/// A file descriptor that is closed when its owner goes away.
package struct Descriptor: ~Copyable, Sendable {
    package let number: Int32

    package init(owning number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    /// Gives the number away; whoever takes it closes it.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// Opens a path.
    ///
    /// - Parameters:
    ///   - flags: as of open(2); `O_CLOEXEC` is added.
    ///   - mode: of a file that is made.
    package static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0) throws(SystemCallError) -> Descriptor {
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        let number = unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw .last("open \(path)") }
        return Descriptor(owning: number)
    }
}

internal import CLinux
internal import Glibc

/// A system call that failed: which one, on what, and the kernel's error number, read where the call was made.
package struct SystemCallError: Error, Hashable, Sendable {
    /// The call as in the manual's section 2, and what it was for: `"unshare a network namespace"`.
    package let operation: String
    /// An `errno` value.
    package let number: Int32

    package init(_ operation: String, number: Int32) {
        self.operation = operation
        self.number = number
    }

    /// The failure of the call that has just returned -1.
    static func last(_ operation: String) -> SystemCallError {
        SystemCallError(operation, number: errno)
    }

    /// Throws for the `-errno` results of the C shims.
    static func check(_ result: Int32, _ operation: @autoclosure () -> String) throws(SystemCallError) {
        if result < 0 { throw SystemCallError(operation(), number: -result) }
    }

    package var isPermission: Bool { number == EPERM || number == EACCES }

    package var isMissingFile: Bool { number == ENOENT }
}

extension SystemCallError: CustomStringConvertible {
    package var description: String {
        // SAFETY: strerror returns a NUL-terminated string; it is copied at once.
        "\(operation): \(unsafe String(cString: strerror(number)))"
    }
}

internal import CLinux
internal import Glibc

/// Network namespaces of the calling thread. Everything here must run before the process has other threads.
package enum NetworkNamespace {
    /// The namespace the thread is in, held open.
    package static func current() throws(SystemCallError) -> Descriptor {
        try Descriptor.open("/proc/self/ns/net", O_RDONLY)
    }

    /// Puts the thread into a new, empty namespace: one loopback interface, down.
    package static func enterNew() throws(SystemCallError) {
        let result = clinux_unshare(Int32(CLINUX_NEWNET))
        // Root of a container is not root enough, and nor is root of a jail.
        let what = result == -EPERM
            ? "make a network namespace (it takes CAP_SYS_ADMIN: in a container, start that with `--privileged`)"
            : "make a network namespace"
        try SystemCallError.check(result, what)
    }

    /// What tells one namespace from another: the number of its file (namespaces(7)).
    package static func identifier(_ descriptor: borrowing Descriptor) throws(SystemCallError) -> UInt64 {
        var information = stat()
        // SAFETY: the structure is ours.
        guard unsafe fstat(descriptor.number, &information) == 0 else { throw .last("look at a network namespace") }
        return UInt64(information.st_ino)
    }

    /// Puts the thread into the namespace behind `descriptor`.
    package static func enter(_ descriptor: borrowing Descriptor) throws(SystemCallError) {
        try SystemCallError.check(
            clinux_setns(descriptor.number, Int32(CLINUX_NEWNET)), "enter a network namespace")
    }

    /// Calls `body` with the thread in another namespace, and brings it back.
    ///
    /// - Throws: what `body` threw, or that the namespace cannot be entered or left; in the last case the thread is still
    ///   in it.
    package static func visit<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        let own = try current()
        let other = try Descriptor.open(path, O_RDONLY)
        try enter(other)
        let result = Swift.Result { try body() }
        try enter(own)
        return try result.get()
    }
}

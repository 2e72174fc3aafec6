internal import CLinux
internal import Glibc

extension NetworkNamespace {
    /// A namespace that is held open.
    package struct Held: ~Copyable {
        package let identifier: UInt64
        package let descriptor: Descriptor

        package init(_ descriptor: consuming Descriptor) throws(SystemCallError) {
            identifier = try NetworkNamespace.identifier(descriptor)
            self.descriptor = descriptor
        }

        /// Gives the descriptor away; whoever takes it closes it.
        package consuming func release() -> Int32 { descriptor.release() }

        /// Where it can be opened again, for as long as it is held.
        package var path: String { "/proc/self/fd/\(descriptor.number)" }
    }

    /// The namespaces that a process has sockets in: a gateway's own among them, which nothing else holds.
    ///
    /// - Parameters:
    ///   - process: looked at without its doing; it may be stopped.
    ///   - limit: the most descriptors that are looked at, and the most namespaces that are told apart.
    ///   - body: called once with each namespace.
    package static func forEachWithSockets(
        of process: Int32, limit: Int = 65_536, _ body: (consuming Held) throws(SystemCallError) -> Void
    ) throws(SystemCallError) {
        let folder = try ProcessFolder(process)
        var seen: Set<UInt64> = []
        var looked = 0
        var failure: SystemCallError?
        try folder.forEachName(in: "fd") { name in
            looked += 1
            guard looked <= limit, seen.count < 4096, failure == nil else { return false }
            guard let number = Int32(name), let link = folder.link("fd/\(name)"),
                ProcessText.number(in: link, kind: "socket") != nil
            else { return true }
            let namespace = clinux_socket_namespace(process, number)
            // Closed meanwhile, or of a family that belongs to no namespace.
            if namespace == -EBADF || namespace == -ENOTTY { return true }
            do throws(SystemCallError) {
                try SystemCallError.check(namespace, "find the network namespace of a socket of process \(process)")
                let held = try Held(Descriptor(owning: namespace))
                if seen.insert(held.identifier).inserted { try body(held) }
            } catch {
                failure = error
            }
            return true
        }
        if let failure { throw failure }
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

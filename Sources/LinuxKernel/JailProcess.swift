internal import CLinux
internal import Glibc

/// A command in network, mount and process namespaces of its own, with an init that passes signals and exit codes on.
///
/// The calling process must have one thread, and stay alive on that thread: the jail dies with it.
package struct JailProcess: ~Copyable {
    /// The jail's init, as the host sees it.
    package let identifier: Int32
    private let control: Descriptor
    /// ``JailInit/stopped`` or ``JailInit/continued`` comes each time the command is, and SIGIO with it.
    package let stops: Descriptor

    /// Starts the jail's init, which waits for ``linkIsReady()`` and ``run()``.
    ///
    /// - Parameter files: made inside the jail, so that the time it takes is not the caller's.
    package static func start(
        _ specification: JailSpecification, files: () throws -> [JailFile]
    ) throws(SystemCallError) -> JailProcess {
        let ends = try socketPair()
        let ours = Descriptor(owning: ends.0)
        let theirs = Descriptor(owning: ends.1)
        let stopEnds = try socketPair()
        let stops = Descriptor(owning: stopEnds.0)
        let stopped = Descriptor(owning: stopEnds.1)
        guard fcntl(stops.number, F_SETOWN, getpid()) == 0, fcntl(stops.number, F_SETFL, O_NONBLOCK | O_ASYNC) == 0
        else { throw .last("ask for a socket's signal") }
        let namespaces = UInt(CLINUX_NEWNET) | UInt(CLINUX_NEWNS) | UInt(CLINUX_NEWPID)
        let result = clinux_clone(namespaces)
        try SystemCallError.check(result, "make the jail's namespaces")
        if result == 0 {
            close(ours.release())
            close(stops.release())
            JailInit(specification: specification, control: theirs.release(), stops: stopped.release())
                .run(files: files)
        }
        return JailProcess(identifier: result, control: ours, stops: stops)
    }

    private init(identifier: Int32, control: consuming Descriptor, stops: consuming Descriptor) {
        self.identifier = identifier
        self.control = control
        self.stops = stops
    }

    private static func socketPair() throws(SystemCallError) -> (Int32, Int32) {
        var ends: (Int32, Int32) = (-1, -1)
        // SAFETY: two numbers, as socketpair fills.
        let paired = unsafe withUnsafeMutableBytes(of: &ends) { raw in
            unsafe socketpair(
                AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0,
                raw.assumingMemoryBound(to: Int32.self).baseAddress)
        }
        guard paired == 0 else { throw .last("make a socket pair") }
        return ends
    }

    /// Tells the init that its end of the link is there.
    package func linkIsReady() throws(SystemCallError) { try send(JailInit.linkReady) }

    /// Lets the command start, and waits until it has, or has failed.
    package func run() throws {
        try send(JailInit.go)
        var report: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1024)
        while true {
            // SAFETY: the kernel writes at most `count` bytes.
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe recv(control.number, $0.baseAddress, $0.count, 0)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            report += chunk[..<count]
        }
        guard let code = report.first else { return }
        throw JailFailure(exitCode: Int32(code), message: String(decoding: report.dropFirst(), as: UTF8.self))
    }

    private func send(_ byte: UInt8) throws(SystemCallError) {
        var byte = byte
        // SAFETY: one byte.
        // A jail that has ended meanwhile has left its reason behind: ``run()`` reads it.
        guard unsafe Glibc.send(control.number, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 || errno == EPIPE else {
            throw .last("talk to the jail")
        }
    }
}

internal import CLinux
internal import Glibc

/// What runs inside the jail's namespaces: it builds the jail, gives up every privilege, starts the command and is its
/// process 1. It never returns.
struct JailInit {
    static let linkReady: UInt8 = 1
    static let go: UInt8 = 2
    /// What the gateway is told of the command.
    static let stopped: UInt8 = 3
    static let continued: UInt8 = 4

    let specification: JailSpecification
    let control: Int32
    /// Where the gateway is told that the command was stopped, or goes on.
    let stops: Int32

    func run(files: () throws -> [JailFile]) -> Never {
        do {
            let files = try files()
            try expect(Self.linkReady)
            let route = try RouteSocket()
            try specification.link.configureAgentEnd(route)
            try JailMounts(
                user: specification.user, files: files, allowedSockets: specification.allowedSockets,
                hostSockets: specification.hostSockets, agentSocket: specification.agentSocket
            ).apply()
            try becomeUser()
            try expect(Self.go)
            let command = try startCommand()
            close(control)
            reap(command)
        } catch let failure as JailFailure {
            report(failure.exitCode, failure.message)
        } catch {
            report(125, "cannot build the jail: \(error)")
        }
    }

    private func expect(_ expected: UInt8) throws(SystemCallError) {
        var byte: UInt8 = 0
        // SAFETY: one byte.
        let count = unsafe recv(control, &byte, 1, 0)
        // The gateway is gone: so is the reason to be here.
        guard count == 1, byte == expected else { _exit(125) }
    }

    private func becomeUser() throws(SystemCallError) {
        let user = specification.user
        // SAFETY: the list and its count belong together.
        guard unsafe setgroups(user.supplementaryGroups.count, user.supplementaryGroups) == 0 else {
            throw .last("set the groups of \(user.name)")
        }
        guard setgid(user.group) == 0 else { throw .last("become group \(user.group)") }
        // The bounding set and the securebits need capabilities that a change of user takes away.
        try SystemCallError.check(clinux_lock_privileges(), "lock the privileges")
        guard setuid(user.identifier) == 0 else {
            throw .last("become \(user.name)")
        }
        try SystemCallError.check(clinux_renounce_privileges(), "give up the privileges")
        try SystemCallError.check(clinux_confine(), "confine the system calls")
        // After the change of user, which clears it.
        try SystemCallError.check(clinux_set_death_signal(SIGKILL), "tie the jail to the gateway")
        // The command runs as the same user: it must not look into the init, whose memory was the gateway's.
        try SystemCallError.check(clinux_set_not_dumpable(), "close the init's memory")
    }

    private func startCommand() throws(SystemCallError) -> Int32 {
        let command = clinux_clone(0)
        try SystemCallError.check(command, "start the command")
        guard command == 0 else { return command }
        _ = clinux_unblock_signals()
        // Descriptors of the host's network must not be inherited; only the report's socket stays, until exec.
        guard dup2(control, 3) == 3, fcntl(3, F_SETFD, FD_CLOEXEC) == 0 else { report(125, "cannot keep descriptor 3") }
        _ = clinux_close_from(4)
        execute(report: 3)
    }

    private func execute(report descriptor: Int32) -> Never {
        let program = specification.command.first ?? []
        // SAFETY: argument vectors of NUL-terminated copies that live until exec replaces the process.
        let arguments = unsafe Self.vector(specification.command)
        let environment = unsafe Self.vector(specification.environment)
        var failure = ENOENT
        for candidate in candidates(for: program) {
            unsafe execve(Self.terminated(candidate), arguments, environment)
            if errno == ENOEXEC { unsafe runAsScript(candidate, environment) }
            if errno != ENOENT && errno != ENOTDIR { failure = errno }
        }
        let notFound = failure == ENOENT
        // SAFETY: strerror returns a NUL-terminated string.
        let why = unsafe notFound ? "not found" : String(cString: strerror(failure))
        Self.report(to: descriptor, notFound ? 127 : 126, "cannot run \(String(decoding: program, as: UTF8.self)): \(why)")
    }

    /// Where a program may lie: as execvp(3) has it, except that an empty entry of `PATH` is not the working folder.
    private func candidates(for program: [UInt8]) -> [[UInt8]] {
        guard !program.isEmpty else { return [] }
        guard !program.contains(UInt8(ascii: "/")) else { return [program] }
        let name = Array("PATH=".utf8)
        let path = specification.environment.last { $0.starts(with: name) }?.dropFirst(name.count)
            ?? ArraySlice("/usr/local/bin:/usr/bin:/bin".utf8)
        return path.split(separator: UInt8(ascii: ":")).map { $0 + [UInt8(ascii: "/")] + program }
    }

    private static func vector(_ texts: [[UInt8]]) -> [UnsafeMutablePointer<CChar>?] {
        // SAFETY: copies, never freed.
        unsafe texts.map { unsafe strdup(terminated($0)) } + [nil]
    }

    private static func terminated(_ bytes: [UInt8]) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }

    /// A file that is executable but has no format the kernel knows is a shell script (execvp(3)).
    private func runAsScript(_ path: [UInt8], _ environment: [UnsafeMutablePointer<CChar>?]) {
        // SAFETY: as in execute.
        let arguments = unsafe Self.vector([Array("/bin/sh".utf8), path] + specification.command.dropFirst())
        unsafe execve("/bin/sh", arguments, environment)
    }

    /// Process 1: reaps orphans, passes signals on, and ends with the command, which ends all that it left behind.
    private func reap(_ command: Int32) -> Never {
        // All but `stops`, which becomes 0.
        _ = dup2(stops, 0)
        _ = clinux_close_from(1)
        while true {
            var fromProcess: Int32 = 0
            // SAFETY: one number.
            let number = unsafe clinux_wait_signal(&fromProcess)
            guard number > 0 else { _exit(125) }
            guard number == SIGCHLD else {
                // The terminal's own signals reach the command by its process group.
                if fromProcess != 0 { kill(command, number) }
                continue
            }
            while true {
                var status: Int32 = 0
                // SAFETY: one number.
                let ended = unsafe waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)
                guard ended > 0 else { break }
                guard ended == command else { continue }
                if clinux_stopped(status) != 0 || clinux_continued(status) != 0 {
                    var byte = clinux_stopped(status) != 0 ? Self.stopped : Self.continued
                    // SAFETY: one byte. A full socket tells as much.
                    _ = unsafe send(0, &byte, 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                    continue
                }
                if clinux_exited(status) != 0 { _exit(clinux_exit_status(status)) }
                _exit(128 + clinux_term_signal(status))
            }
        }
    }

    private func report(_ code: Int32, _ message: String) -> Never {
        Self.report(to: control, code, message)
    }

    private static func report(to descriptor: Int32, _ code: Int32, _ message: String) -> Never {
        let bytes = [UInt8(truncatingIfNeeded: code)] + Array(message.utf8.prefix(4096))
        // SAFETY: the buffer outlives the call.
        _ = unsafe bytes.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        _exit(code)
    }
}

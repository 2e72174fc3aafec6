internal import CLinux
internal import Glibc

/// The gateway process's own settings.
package enum ProcessSettings {
    package static var isRoot: Bool { geteuid() == 0 }
    package static var userIdentifier: UInt32 { getuid() }
    package static var processIdentifier: Int32 { getpid() }

    /// The user behind the process: who called sudo(8), else its own.
    package static var invokingUser: UInt32 {
        isRoot ? environment("SUDO_UID").flatMap { UInt32($0) } ?? userIdentifier : userIdentifier
    }

    /// A variable of the environment.
    package static func environment(_ name: String) -> String? {
        // SAFETY: the process has one thread while settings are read, and nothing changes the environment.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// All of it, as `NAME=value`, byte for byte: the kernel promises no encoding, and the command gets what was set.
    package static func environmentList() -> [[UInt8]] {
        // SAFETY: as above; the array ends with a null pointer.
        unsafe texts(environ)
    }

    /// The process's arguments, its own name first, byte for byte.
    package static func arguments() -> [[UInt8]] {
        // SAFETY: nothing changes the arguments; the array ends with a null pointer.
        unsafe texts(CommandLine.unsafeArgv)
    }

    private static func texts(_ start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> [[UInt8]] {
        var list: [[UInt8]] = []
        var entry = unsafe start
        while let text = unsafe entry.pointee {
            // SAFETY: NUL-terminated, and copied.
            list.append(unsafe Array(UnsafeRawBufferPointer(start: text, count: strlen(text))))
            unsafe entry += 1
        }
        return list
    }

    /// Opens `/dev/null` in place of each standard descriptor that is closed, so that nothing else gets its number: what
    /// is meant for standard error must never be written into somebody's connection.
    package static func openStandardDescriptors() {
        for number in Int32(0)...2 where fcntl(number, F_GETFD) < 0 {
            // SAFETY: a constant path. The lowest free number is this one.
            guard unsafe open("/dev/null", O_RDWR) == number else { _exit(125) }
        }
    }

    /// Raises the soft limit of open descriptors to the hard one.
    ///
    /// - Returns: the limit now in force.
    package static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        // SAFETY: the structure is ours.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(min(limit.rlim_cur, 1 << 20))
    }

    /// No core dumps and no ptrace by others: the process holds a signing key and other people's plaintext.
    package static func closeMemory() throws(SystemCallError) {
        try SystemCallError.check(clinux_set_not_dumpable(), "close the process's memory")
    }

    /// Gives the calling thread real-time priority, which threads that it makes do not inherit, and keeps the process's
    /// memory from being paged out: the kill switch must not wait for anybody.
    package static func bePrompt() throws(SystemCallError) {
        try SystemCallError.check(clinux_be_prompt(), "get real-time priority")
    }

    /// Becomes the gateway's own account, whose sockets the ruleset exempts, with CAP_NET_ADMIN (12) for verdicts and
    /// CAP_NET_RAW (13) for answers. Must run before the process has other threads.
    package static func become(_ account: GatewayAccount) throws(SystemCallError) {
        try SystemCallError.check(
            clinux_become(account.user, account.group, 1 << 12 | 1 << 13), "become user \(account.user)")
    }

    /// Gives up every capability but those the packets role and the supervisor go on needing. For the calling thread and
    /// those it starts.
    ///
    /// CAP_KILL (5) to pass signals to the jail, CAP_NET_ADMIN (12) for verdicts, CAP_NET_RAW (13) for answers.
    package static func keepGatewayCapabilities() throws(SystemCallError) {
        try SystemCallError.check(
            clinux_keep_capabilities(1 << 5 | 1 << 12 | 1 << 13), "give up capabilities")
    }
}

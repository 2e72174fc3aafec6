internal import CLinux
internal import Glibc

/// The gateway process's own settings.
package enum ProcessSettings {
    package static var isRoot: Bool { geteuid() == 0 }
    package static var userIdentifier: UInt32 { getuid() }
    package static var processIdentifier: Int32 { getpid() }

    /// A variable of the environment.
    package static func environment(_ name: String) -> String? {
        // SAFETY: the process has one thread while settings are read, and nothing changes the environment.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// All of it, as `NAME=value`.
    package static func environmentList() -> [String] {
        var list: [String] = []
        // SAFETY: as above; the array ends with a null pointer.
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            list.append(unsafe String(cString: text))
            unsafe entry += 1
        }
        return list
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

    /// Gives up every capability but those the packets role and the supervisor go on needing. For the calling thread and
    /// those it starts.
    ///
    /// CAP_KILL (5) to pass signals to the jail, CAP_NET_ADMIN (12) for verdicts, CAP_NET_RAW (13) for answers.
    package static func keepGatewayCapabilities() throws(SystemCallError) {
        try SystemCallError.check(
            clinux_keep_capabilities(1 << 5 | 1 << 12 | 1 << 13), "give up capabilities")
    }
}

internal import CLinux
internal import Glibc

/// Unix sockets of the host that a jailed command could reach by path: ways around the gateway.
enum HostSockets {
    /// The most sockets outside `/run` that are covered one by one; with more, the jail does not start.
    static let limit = 4096

    /// Absolute paths of the sockets that something on the host has bound, outside `/run`, which is covered whole.
    ///
    /// - Parameter table: the text of `/proc/net/unix` (proc_pid_net(5)), read in the host's network namespace.
    static func paths(in table: String) -> [String] {
        var paths: Set<String> = []
        for line in table.split(separator: "\n").dropFirst() {
            // Num RefCount Protocol Flags Type St Inode Path
            let fields = line.split(separator: " ", maxSplits: 7, omittingEmptySubsequences: true)
            guard fields.count == 8, fields[7].first == "/" else { continue }
            let path = String(fields[7])
            guard !path.hasPrefix("/run/"), !path.hasPrefix("/var/run/") else { continue }
            paths.insert(path)
        }
        return paths.sorted()
    }
}

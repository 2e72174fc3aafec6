internal import CLinux
internal import Glibc

/// Unix sockets of the host that a jailed command could reach by path: ways around the gateway.
package enum HostSockets {
    /// The most sockets outside `/run` that are covered one by one; with more, the jail does not start.
    static let limit = 4096

    /// The sockets bound in the calling thread's network namespace: call it in the host's.
    ///
    /// - Throws: when the table cannot be read or is unreasonably large; covering none would be covering up.
    package static func bound() throws(SystemCallError) -> [String] {
        let table = try FileText.read("/proc/net/unix", limit: 64 << 20)
        return paths(in: String(decoding: table, as: UTF8.self))
    }

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

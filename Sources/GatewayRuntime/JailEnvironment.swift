internal import LinuxKernel

/// The environment of a jailed command.
enum JailEnvironment {
    /// Variables that would lead the command to services of the host that it cannot reach, or past the gateway.
    private static let removed: Set<String> = [
        "http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy",
        "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY",
        "SSH_AUTH_SOCK", "SSH_AGENT_PID", "GPG_AGENT_INFO", "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS",
        "DOCKER_HOST", "CONTAINER_HOST", "WAYLAND_DISPLAY", "DISPLAY", "TMUX", "TMUX_PANE", "STY", "NOTIFY_SOCKET",
        "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "PULSE_SERVER", "SUDO_COMMAND", "SUDO_USER", "SUDO_UID",
        "SUDO_GID", "LD_PRELOAD", "LD_AUDIT",
    ]

    /// - Parameter inherited: `NAME=value` entries, byte for byte; what has no `=` is no variable and is left out.
    static func make(from inherited: [[UInt8]], for user: JailUser) -> [[UInt8]] {
        var names: Set<[UInt8]> = Set(removed.map { Array($0.utf8) })
        var javaOptions: String?
        var own = [
            ("HOME", user.home), ("USER", user.name), ("LOGNAME", user.name),
            ("SHELL", user.shell.isEmpty ? "/bin/sh" : user.shell), ("XDG_RUNTIME_DIR", "/run/user/\(user.identifier)"),
        ]
        let javaName = Array("JAVA_TOOL_OPTIONS=".utf8)
        if let entry = inherited.last(where: { $0.starts(with: javaName) }) {
            javaOptions = String(decoding: entry.dropFirst(javaName.count), as: UTF8.self)
        }
        own += TrustVariables.all(javaOptions: javaOptions)
        names.formUnion(own.map { Array($0.0.utf8) })
        let kept = inherited.filter { entry in
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { return false }
            return !names.contains(Array(entry[..<equals]))
        }
        return kept + own.map { Array("\($0.0)=\($0.1)".utf8) }
    }
}

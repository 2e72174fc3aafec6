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

    static func make(_ options: JailOptions) -> [String] {
        var values: [String: String] = [:]
        for entry in options.environment {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !removed.contains(String(parts[0])) else { continue }
            values[String(parts[0])] = String(parts[1])
        }
        values["HOME"] = options.user.home
        values["USER"] = options.user.name
        values["LOGNAME"] = options.user.name
        values["SHELL"] = options.user.shell.isEmpty ? "/bin/sh" : options.user.shell
        values["XDG_RUNTIME_DIR"] = "/run/user/\(options.user.identifier)"
        for (name, value) in TrustVariables.all(javaOptions: values["JAVA_TOOL_OPTIONS"]) { values[name] = value }
        return values.map { "\($0.key)=\($0.value)" }.sorted()
    }
}

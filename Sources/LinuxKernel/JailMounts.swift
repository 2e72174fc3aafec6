internal import CLinux
internal import Glibc

/// The jail's view of the file system: the host's, less the sockets that lead out of it, plus the gateway's trust files.
///
/// `/run` (and `/var/run`, where it is a folder of its own) is covered by an empty file system: docker.sock, D-Bus,
/// resolvers, service managers and every user's runtime folder live there. Sockets elsewhere are covered one by one.
struct JailMounts {
    let user: JailUser
    let files: [JailFile]
    let allowedSockets: [String]
    /// From ``HostSockets``.
    let hostSockets: [String]
    let agentSocket: String

    /// Folders below `/run` without which programs do not start on some distributions (NixOS keeps all of them there).
    private static let keptFolders = [
        "/run/current-system", "/run/booted-system", "/run/wrappers", "/run/opengl-driver", "/run/opengl-driver-32",
    ]

    /// Applies everything to the process's own mount namespace. Runs as root, before privileges are given up.
    func apply() throws(SystemCallError) {
        try SystemCallError.check(clinux_make_mounts_private(), "make the mounts private")
        let resolver = Self.resolved("/etc/resolv.conf")
        var kept: [(path: String, descriptor: Int32)] = []
        for path in allowedSockets + Self.keptFolders {
            let real = Self.resolved(path) ?? path
            // SAFETY: the path is a NUL-terminated copy for the length of the call.
            let opened = unsafe clinux_open_path(real)
            if opened >= 0 {
                kept.append((path, opened))
            } else if allowedSockets.contains(path) {
                throw SystemCallError("keep the socket \(path)", number: -opened)
            }
        }
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        let tools = unsafe clinux_open_path(agentSocket)
        try SystemCallError.check(tools, "find \(agentSocket)")
        let coveredFolders = socketFolders()
        try cover(folder: "/run", mode: "755")
        if let real = Self.resolved("/var/run"), real != "/run" { try cover(folder: real, mode: "755") }
        try writeFiles(resolver: resolver)
        for folder in coveredFolders { try cover(folder: folder, mode: "700") }
        try coverHostSockets()
        let inside = JailFile.folder + "/agent.sock"
        try FileText.write([], to: inside, mode: 0o600)
        try Self.bind("/proc/self/fd/\(tools)", over: inside)
        close(tools)
        for (path, descriptor) in kept {
            try restore(path, from: descriptor)
            close(descriptor)
        }
        try SystemCallError.check(clinux_mount_proc(), "mount /proc")
    }

    /// Terminal multiplexers and display servers keep sockets in these; a new one may appear there at any time, and
    /// `tmux run-shell` on the host's server runs outside the jail.
    private func socketFolders() -> [String] {
        let candidates = [
            "/tmp/tmux-\(user.identifier)", "/tmp/.X11-unix", "/tmp/.ICE-unix", "/var/lib/docker", "/var/lib/containerd",
        ]
        return candidates.filter { Self.isFolder($0) }
    }

    private func cover(folder: String, mode: String) throws(SystemCallError) {
        // SAFETY: the strings are NUL-terminated copies for the length of the call.
        try SystemCallError.check(
            unsafe clinux_mount_tmpfs(folder, "mode=\(mode),size=64m,nr_inodes=4k"), "cover \(folder)")
    }

    private func writeFiles(resolver: String?) throws(SystemCallError) {
        try Self.makeFolder(JailFile.folder, mode: 0o755)
        try Self.makeFolder(JailFile.folder + "/certs", mode: 0o755)
        try Self.makeFolder("/run/lock", mode: 0o1777)
        try Self.makeFolder("/run/user", mode: 0o755)
        let runtime = "/run/user/\(user.identifier)"
        try Self.makeFolder(runtime, mode: 0o700)
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        guard unsafe chown(runtime, user.identifier, user.group) == 0 else { throw .last("give \(runtime) away") }
        for file in files {
            let path = JailFile.folder + "/" + file.name
            try FileText.write(file.contents, to: path, mode: 0o644)
            var covered: Set<String> = []
            for target in file.covers {
                var real = Self.resolved(target)
                if target == "/etc/resolv.conf", let resolver, real == nil {
                    // The link led into /run, which is empty now: put the file where it leads.
                    try Self.makeFolders(above: resolver)
                    try FileText.write([], to: resolver, mode: 0o644)
                    real = resolver
                }
                guard let real, covered.insert(real).inserted else { continue }
                try Self.bind(path, over: real)
            }
        }
    }

    private func coverHostSockets() throws(SystemCallError) {
        guard hostSockets.count <= HostSockets.limit else {
            throw SystemCallError("cover \(hostSockets.count) sockets of the host", number: ENFILE)
        }
        var nothing: String?
        for path in hostSockets where !allowedSockets.contains(path) && Self.isSocket(path) {
            if nothing == nil {
                let empty = JailFile.folder + "/nothing"
                // Writable, as connect(2) asks of a socket: it then says that nobody listens, not that it may not be asked.
                try FileText.write([], to: empty, mode: 0o666)
                nothing = empty
            }
            if let nothing { try Self.bind(nothing, over: path) }
        }
    }

    private func restore(_ path: String, from descriptor: Int32) throws(SystemCallError) {
        if Self.resolved(path) == nil {
            try Self.makeFolders(above: path)
            if allowedSockets.contains(path) {
                try FileText.write([], to: path, mode: 0o600)
            } else {
                try Self.makeFolder(path, mode: 0o755)
            }
        }
        try Self.bind("/proc/self/fd/\(descriptor)", over: path)
    }

    private static func bind(_ source: String, over target: String) throws(SystemCallError) {
        // SAFETY: the strings are NUL-terminated copies for the length of the call.
        try SystemCallError.check(unsafe clinux_bind_mount(source, target), "mount \(source) over \(target)")
    }

    private static func makeFolders(above path: String) throws(SystemCallError) {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            if !isFolder(folder) { try makeFolder(folder, mode: 0o755) }
        }
    }

    private static func makeFolder(_ path: String, mode: UInt32) throws(SystemCallError) {
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else { throw .last("make \(path)") }
        guard unsafe chmod(path, mode) == 0 else { throw .last("set the mode of \(path)") }
    }

    private static func resolved(_ path: String) -> String? {
        // SAFETY: realpath returns memory that is ours, copied and freed here.
        guard let result = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(result) }
        return unsafe String(cString: result)
    }

    private static func mode(of path: String) -> UInt32? {
        var status = stat()
        // SAFETY: the structure is ours.
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return status.st_mode & S_IFMT
    }

    private static func isFolder(_ path: String) -> Bool { mode(of: path) == S_IFDIR }
    private static func isSocket(_ path: String) -> Bool { mode(of: path) == S_IFSOCK }
}

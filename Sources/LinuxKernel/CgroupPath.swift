internal import Glibc

/// A control group of the unified hierarchy (cgroups(7)), as nf_tables matches it: by its number, found when a rule is
/// loaded, and by its depth.
package struct CgroupPath: Hashable, Sendable {
    /// Below the hierarchy's root, without slashes at its ends.
    package let path: String
    /// Where the hierarchy is mounted.
    let mountPoint: String

    /// - Throws: when no unified hierarchy is mounted, or the group does not exist.
    package init(_ path: String) throws(SystemCallError) {
        let mountPoint = try Self.hierarchy()
        self.path = path
        self.mountPoint = mountPoint
        guard identifier != nil else { throw SystemCallError("find the cgroup \(path) below \(mountPoint)", number: ENOENT) }
    }

    /// The group of a process, below the hierarchy's root; `nil` when it cannot be told.
    package static func path(ofProcess process: Int32) -> String? {
        guard process > 0, let bytes = try? FileText.read("/proc/\(process)/cgroup", limit: 64 << 10) else { return nil }
        return ProcessText.cgroup(bytes)
    }

    /// Makes a group, and those above it that are missing.
    package static func make(_ path: String) throws(SystemCallError) {
        try FileText.makeFolder("\(hierarchy())/\(path)", mode: 0o755)
    }

    /// Where the unified hierarchy is mounted.
    static func hierarchy() throws(SystemCallError) -> String {
        let mounts = try FileText.read("/proc/self/mountinfo", limit: 16 << 20)
        guard let mountPoint = mountPoint(in: String(decoding: mounts, as: UTF8.self)) else {
            throw SystemCallError("find the unified cgroup hierarchy (cgroup2)", number: ENOENT)
        }
        return mountPoint
    }

    /// Some group below the root, to try a rule with (`nil` where there is none), and where the hierarchy is mounted.
    package static func anyGroup() throws(SystemCallError) -> (group: CgroupPath?, mountPoint: String) {
        let mountPoint = try hierarchy()
        for entry in FolderListing.entries(in: mountPoint) where entry.isFolder && !entry.name.hasPrefix(".") {
            return (try CgroupPath(entry.name), mountPoint)
        }
        return (nil, mountPoint)
    }

    /// The group's number, which is its folder's; another one after it was removed and made anew.
    package var identifier: UInt64? {
        var information = stat()
        // SAFETY: the path is a NUL-terminated copy for the length of the call; the structure is ours.
        guard unsafe stat("\(mountPoint)/\(path)", &information) == 0 else { return nil }
        return UInt64(information.st_ino)
    }

    /// How deep the group lies; the root is 0.
    var level: Int { path.split(separator: "/").count }

    /// The ruleset compiler looks below /sys/fs/cgroup, wherever the unified hierarchy is mounted.
    var rulesetPath: String {
        let root = "/sys/fs/cgroup"
        if mountPoint == root { return path }
        if mountPoint.hasPrefix(root + "/") { return "\(mountPoint.dropFirst(root.count + 1))/\(path)" }
        return "../../..\(mountPoint)/\(path)"
    }

    /// - Parameter table: the text of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
    static func mountPoint(in table: String) -> String? {
        var found: String?
        for line in table.split(separator: "\n") {
            // 36 35 98:0 ROOT MOUNTPOINT OPTIONS [tags] - TYPE SOURCE OPTIONS
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2, halves[1].hasPrefix("cgroup2 ") else { continue }
            let fields = halves[0].split(separator: " ")
            // Spaces and the like are written as escapes: such a path is nobody's.
            guard fields.count > 4, fields[3] == "/", !fields[4].contains("\\") else { continue }
            let point = String(fields[4])
            if found == nil || point.hasPrefix("/sys/fs/cgroup") { found = point }
        }
        return found
    }
}

internal import CLinux
internal import Glibc

/// A folder of `PID.START.json` files, one for each gateway process that is alive. The start time tells a process from
/// a later one with its number.
package enum StatusFolder {
    package static func prepare(_ folder: String) throws(SystemCallError) {
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .last("make \(folder)") }
    }

    package static func remove(_ path: String) {
        // SAFETY: as above. A file that cannot be removed is removed as stale at the next start.
        _ = unsafe unlink(path)
        // The last one takes the folder with it.
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        _ = unsafe rmdir(folder)
    }

    /// Process identifiers and paths of the files, the living ones' first in numeric order.
    package static func entries(in folder: String) -> [(process: Int32, start: UInt64, path: String)] {
        var entries: [(process: Int32, start: UInt64, path: String)] = []
        for name in FolderListing.names(in: folder) {
            let parts = name.split(separator: ".")
            guard parts.count == 3, parts[2] == "json", let process = Int32(parts[0]), let start = UInt64(parts[1])
            else { continue }
            entries.append((process, start, folder + "/" + name))
        }
        return entries.sorted { $0.process < $1.process }
    }

    package static func isAlive(_ process: Int32, startedAt start: UInt64) -> Bool {
        guard let stat = ProcessSettings.stat(of: process) else { return false }
        // One that has ended and is not yet waited for does nothing any more.
        return stat.start == start && stat.state != "Z" && stat.state != "X"
    }

    /// Removes the files of processes that are gone.
    package static func removeStale(in folder: String) {
        for name in FolderListing.names(in: folder) where name.hasPrefix("control.") || name.hasPrefix("agent.") {
            let parts = name.split(separator: ".")
            guard parts.count == 3, let process = Int32(parts[1]), ProcessSettings.startTime(of: process) == nil else { continue }
            // SAFETY: the path is a NUL-terminated copy for the length of the call.
            _ = unsafe unlink("\(folder)/\(name)")
        }
        for entry in entries(in: folder) where !isAlive(entry.process, startedAt: entry.start) { remove(entry.path) }
    }
}

extension ProcessSettings {
    /// When a process started, in clock ticks since boot (proc_pid_stat(5), field 22): with its number it names a process
    /// for good.
    package static func startTime(of process: Int32) -> UInt64? { stat(of: process)?.start }

    /// - Returns: the kernel's letter for what it does (field 3), and when it started.
    fileprivate static func stat(of process: Int32) -> (state: Substring, start: UInt64)? {
        guard let bytes = try? FileText.read("/proc/\(process)/stat", limit: 4096) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let start = UInt64(fields[19]) else { return nil }
        return (fields[0], start)
    }
}

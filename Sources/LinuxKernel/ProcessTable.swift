internal import Glibc

/// Processes of this machine, as far as the calling process's `/proc` shows them.
///
/// A look at `/proc` is no snapshot: what starts while it is being read may be missed. Whoever has to have all of them
/// looks again until nothing new comes.
package enum ProcessTable {
    /// What was found.
    package struct Found: Hashable, Sendable {
        /// By their numbers.
        package var entries: [ProcessEntry]
        /// True when there are more than the limit.
        package var isTruncated: Bool
        /// How many processes could not be looked at though they were there.
        package var unreadable: Int
    }

    /// The most processes that are listed unless the caller asks for another number; each takes some hundred bytes. The
    /// kernel has 4,194,304 at most.
    package static let limit = 65_536
    /// The most descriptors of one process that are looked at for sockets, and of all of them.
    static let descriptorLimit = 65_536
    static let allDescriptorsLimit = 1 << 20
    /// So many processes may keep the reader of their command lines waiting; then no more of them are read.
    static let hangingLimit = 8
    /// Enough of `/proc/PID/status` to hold the users, which stand before the groups.
    static let statusBytes = 4096

    /// Every process that is selected; kernel threads are nobody's. One that has ended and waits for its parent to ask
    /// (`Z`, one thread) is among them.
    ///
    /// Each is read through one descriptor of its folder, so that no entry is put together from two processes that bore
    /// the same number one after the other.
    ///
    /// - Parameters:
    ///   - details: whether to read ``ProcessEntry/details`` too.
    ///   - limit: of the list; what is beyond it is left out, and ``Found/isTruncated`` set.
    package static func find(
        _ selection: ProcessSelection, details: Bool = false, limit: Int = Self.limit
    ) throws(SystemCallError) -> Found {
        var found = Found(entries: [], isTruncated: false, unreadable: 0)
        var lineages: [UInt64: [UInt64]] = [:]
        var budget = Budget()
        try ProcessFolder.forEachName(in: "/proc") { name in
            guard let process = Int32(name), process > 0 else { return true }
            do throws(SystemCallError) {
                let folder = try ProcessFolder(process)
                guard var entry = try entry(of: process, folder, &lineages), selection.contains(entry) else { return true }
                guard found.entries.count < limit else {
                    found.isTruncated = true
                    return false
                }
                if details { entry.details = Self.details(folder, &budget) }
                found.entries.append(entry)
            } catch {
                // Gone meanwhile.
                if error.number != ENOENT, error.number != ESRCH { found.unreadable += 1 }
            }
            return true
        }
        found.entries.sort { $0.process < $1.process }
        return found
    }

    /// - Parameter lineages: of process namespaces that were met before: each with those above it.
    /// - Returns: `nil` for kernel threads.
    private static func entry(
        of process: Int32, _ folder: borrowing ProcessFolder, _ lineages: inout [UInt64: [UInt64]]
    ) throws(SystemCallError) -> ProcessEntry? {
        guard let stat = ProcessText.stat(try folder.read("stat", limit: 4096).bytes) else { throw ProcessFolder.malformed("stat") }
        guard !stat.isKernelThread else { return nil }
        guard let users = ProcessText.users(try folder.read("status", limit: statusBytes).bytes) else {
            throw ProcessFolder.malformed("status")
        }
        let cgroup = try? folder.read("cgroup", limit: 64 << 10)
        var processNamespaces: [UInt64] = []
        if let (number, link) = namespace("pid", stat, folder) {
            if lineages[number] == nil { lineages[number] = folder.lineage(link, from: number) }
            processNamespaces = lineages[number] ?? []
        }
        return ProcessEntry(
            process: process, parent: stat.parent, start: stat.start, realUser: users.real, effectiveUser: users.effective,
            state: stat.state, name: stat.name, threads: stat.threads,
            cgroup: cgroup.flatMap { ProcessText.cgroup($0.bytes) },
            processNamespaces: processNamespaces, networkNamespace: namespace("net", stat, folder)?.number)
    }

    /// A process whose first thread has ended while others go on has its namespaces in those.
    ///
    /// - Returns: a namespace's number, and its link in the folder.
    private static func namespace(
        _ kind: String, _ stat: ProcessText.Stat, _ folder: borrowing ProcessFolder
    ) -> (number: UInt64, link: String)? {
        if let number = folder.link("ns/\(kind)").flatMap({ ProcessText.number(in: $0, kind: kind) }) {
            return (number, "ns/\(kind)")
        }
        guard stat.state == "Z", stat.threads > 1 else { return nil }
        var found: (number: UInt64, link: String)?
        try? folder.forEachName(in: "task") { name in
            let link = "task/\(name)/ns/\(kind)"
            found = folder.link(link).flatMap { ProcessText.number(in: $0, kind: kind) }.map { ($0, link) }
            return found == nil
        }
        return found
    }

    /// What is left to spend on details.
    private struct Budget {
        var descriptors = allDescriptorsLimit
        var hanging = hangingLimit
    }

    private static func details(_ folder: borrowing ProcessFolder, _ budget: inout Budget) -> ProcessEntry.Details {
        let line = commandLine(folder, &budget)
        var details = ProcessEntry.Details(
            executable: folder.link("exe").map { String(decoding: $0, as: UTF8.self) }, program: line?.program,
            argumentCount: line?.wordCount, hasMoreArguments: line?.isCut ?? false, sockets: [], hasMoreDescriptors: false)
        var left = min(descriptorLimit, budget.descriptors)
        var sockets: Set<UInt64> = []
        try? folder.forEachName(in: "fd") { name in
            guard left > 0 else {
                details.hasMoreDescriptors = true
                return false
            }
            left -= 1
            budget.descriptors -= 1
            if let number = folder.link("fd/\(name)").flatMap({ ProcessText.number(in: $0, kind: "socket") }) { sockets.insert(number) }
            return true
        }
        details.sockets = sockets.sorted()
        return details
    }

    private static func commandLine(_ folder: borrowing ProcessFolder, _ budget: inout Budget) -> ProcessCommandLine? {
        guard budget.hanging > 0 else { return nil }
        do throws(SystemCallError) {
            return try ProcessCommandLine(try folder.open("cmdline"))
        } catch {
            if error.number == ETIMEDOUT { budget.hanging -= 1 }
            // What has ended has none.
            return error.number == ESRCH || error.number == ENOENT ? ProcessCommandLine.none : nil
        }
    }
}

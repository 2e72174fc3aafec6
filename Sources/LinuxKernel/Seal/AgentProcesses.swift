internal import CLinux
internal import Glibc

/// An agent's processes, stopped or ended by the kernel's control groups, so that none runs on because it forked in time.
package struct AgentProcesses: Sendable {
    private let name: String
    private let cgroups: [String]
    private let selection: ProcessSelection
    private let hierarchy: String

    /// How often new processes are looked for before it is given up on, 10 ms apart.
    private static let rounds = 200

    /// - Returns: `nil` for an agent of which this machine sees no processes: what is behind an interface.
    /// - Throws: when no unified hierarchy is mounted.
    package init?(_ record: AgentRecord) throws(SystemCallError) {
        var selection = ProcessSelection()
        selection.users = Set(record.users)
        selection.networkNamespaces = Set(record.agentNamespaces)
        if let namespace = record.processNamespace { selection.processNamespaces = [namespace] }
        selection.excluded = [record.process, getpid()]
        self.selection = selection
        cgroups = record.cgroups
        name = record.name
        guard !cgroups.isEmpty || selection != ProcessSelection(excluded: selection.excluded) else { return nil }
        hierarchy = try CgroupPath.hierarchy()
    }

    /// The group that processes are frozen in which have no group of their own.
    private var folder: String { "\(hierarchy)/portcullis-sealed.\(SealName.encoded(name))" }
    private var homes: String { Self.homesFolder + "/" + SealName.encoded(name) }
    /// Which groups frozen processes came from; of no use after a reboot.
    private static let homesFolder = "/run/portcullis/frozen"

    /// Stops all of them where they are, until ``thaw()``.
    ///
    /// - Returns: how many.
    package func freeze() throws(SystemCallError) -> Int {
        var count = 0
        for cgroup in cgroups {
            try put("1", into: "\(hierarchy)/\(cgroup)/cgroup.freeze")
            count += try ProcessTable.find(ProcessSelection(cgroups: [cgroup])).entries.count
        }
        guard selection != ProcessSelection(excluded: selection.excluded) else { return count }
        return try count + gather { () throws(SystemCallError) in try put("1", into: "\(folder)/cgroup.freeze") }
    }

    /// Lets them go on, in the groups that they came from.
    ///
    /// - Returns: how many; 0 when none was frozen.
    package func thaw() throws(SystemCallError) -> Int {
        var count = 0
        for cgroup in cgroups {
            let file = "\(hierarchy)/\(cgroup)/cgroup.freeze"
            guard (try? FileText.read(file, limit: 16).first) == UInt8(ascii: "1") else { continue }
            try put("0", into: file)
            count += try ProcessTable.find(ProcessSelection(cgroups: [cgroup])).entries.count
        }
        guard FileText.exists(folder) else { return count }
        var came: [Int32: (start: UInt64, cgroup: String)] = [:]
        for line in String(decoding: (try? FileText.read(homes, limit: 8 << 20)) ?? [], as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, let process = Int32(fields[0]), let start = UInt64(fields[1]) else { continue }
            came[process] = (start, String(fields[2]))
        }
        let own = String(folder.dropFirst(hierarchy.utf8.count + 1))
        for entry in try ProcessTable.find(ProcessSelection(cgroups: [own])).entries {
            // One that was made meanwhile goes where its parent came from, or to the root.
            let home = came[entry.process].flatMap { $0.start == entry.start ? $0.cgroup : nil } ?? came[entry.parent]?.cgroup
            do {
                try put("\(entry.process)", into: "\(hierarchy)/\(home ?? "")/cgroup.procs")
            } catch {
                try put("\(entry.process)", into: "\(hierarchy)/cgroup.procs")
            }
            count += 1
        }
        try put("0", into: "\(folder)/cgroup.freeze")
        _ = try FileText.remove(homes)
        // SAFETY: the paths are NUL-terminated copies for the length of the calls. The last one takes the folder with it.
        _ = unsafe rmdir(Self.homesFolder)
        guard unsafe rmdir(folder) == 0 else { throw .last("remove \(folder)") }
        return count
    }

    /// Ends all of them.
    ///
    /// - Returns: how many.
    /// - Throws: `ETIMEDOUT` when some do not end; those wait for something in the kernel.
    package func kill() throws(SystemCallError) -> Int {
        var killed: Set<Int32> = []
        for _ in 0..<Self.rounds {
            var everybody = selection
            everybody.cgroups = Set(cgroups)
            let living = try ProcessTable.find(everybody).entries.filter { $0.state != "Z" && $0.state != "X" }
            if living.isEmpty {
                if FileText.exists(folder) { _ = try thaw() }
                return killed.count
            }
            for entry in living {
                // By what the number meant a moment ago: between the two a process may have ended, and another begun.
                guard StatusFolder.isAlive(entry.process, startedAt: entry.start) else { continue }
                _ = Glibc.kill(entry.process, SIGKILL)
                killed.insert(entry.process)
            }
            usleep(10_000)
        }
        throw SystemCallError("end the agent's processes", number: ETIMEDOUT)
    }

    /// Moves processes into the group until nobody new is found.
    private func gather(whenMade: () throws(SystemCallError) -> Void) throws(SystemCallError) -> Int {
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        guard unsafe mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw .last("make \(folder)") }
        try whenMade()
        let own = String(folder.dropFirst(hierarchy.utf8.count + 1))
        var homes: [String] = []
        for _ in 0..<Self.rounds {
            let fresh = try ProcessTable.find(selection).entries.filter { $0.cgroup != own && $0.state != "Z" && $0.state != "X" }
            if fresh.isEmpty { return try ProcessTable.find(ProcessSelection(cgroups: [own])).entries.count }
            for entry in fresh { homes.append("\(entry.process) \(entry.start) \(entry.cgroup ?? "")") }
            // Known before they are moved: whoever is interrupted here can be thawed.
            try FileText.makeFolder(Self.homesFolder, mode: 0o700)
            try FileText.write(Array((homes.joined(separator: "\n") + "\n").utf8), to: self.homes, mode: 0o600)
            for entry in fresh {
                do {
                    try put("\(entry.process)", into: "\(folder)/cgroup.procs")
                } catch where error.number == ESRCH {
                    // Gone meanwhile.
                }
            }
            usleep(10_000)
        }
        throw SystemCallError("freeze the agent's processes", number: ETIMEDOUT)
    }

    private func put(_ text: String, into path: String) throws(SystemCallError) {
        let file = try Descriptor.open(path, O_WRONLY)
        let bytes = Array(text.utf8)
        // SAFETY: the buffer outlives the call, and its count is the length given.
        let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file.number, $0.baseAddress, $0.count) }
        guard written == bytes.count else { throw .last("write \(text) to \(path)") }
    }
}

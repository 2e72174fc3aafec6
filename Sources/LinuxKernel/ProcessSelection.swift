/// Whose processes are meant. One is selected by any of these, unless it is excluded.
package struct ProcessSelection: Hashable, Sendable {
    /// Real or effective user.
    package var users: Set<UInt32> = []
    /// Control groups with those below them: paths below the hierarchy's root, without slashes at their ends.
    package var cgroups: Set<String> = []
    /// Numbers of the namespaces' files, each with those below it. The machine's own selects everybody.
    package var processNamespaces: Set<UInt64> = []
    /// Numbers of the namespaces' files; nothing is below one. The machine's own selects nearly everybody.
    package var networkNamespaces: Set<UInt64> = []
    /// By their number.
    package var processes: Set<Int32> = []
    /// Selected by none of the others: the gateway's own, say.
    package var excluded: Set<Int32> = []

    package init(
        users: Set<UInt32> = [], cgroups: Set<String> = [], processNamespaces: Set<UInt64> = [],
        networkNamespaces: Set<UInt64> = [], processes: Set<Int32> = [], excluded: Set<Int32> = []
    ) {
        self.users = users
        self.cgroups = cgroups
        self.processNamespaces = processNamespaces
        self.networkNamespaces = networkNamespaces
        self.processes = processes
        self.excluded = excluded
    }

    package func contains(_ entry: ProcessEntry) -> Bool {
        if excluded.contains(entry.process) { return false }
        return processes.contains(entry.process)
            || users.contains(entry.realUser) || users.contains(entry.effectiveUser)
            || entry.processNamespaces.contains(where: processNamespaces.contains)
            || entry.networkNamespace.map(networkNamespaces.contains) ?? false
            || entry.cgroup.map(isBelow) ?? false
    }

    private func isBelow(_ path: String) -> Bool {
        cgroups.contains { $0.isEmpty || path == $0 || path.hasPrefix($0 + "/") }
    }
}

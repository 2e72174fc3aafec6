internal import LinuxKernel

/// What the kill switch hears by and acts through. All of it is opened at the start, where privileges are still there.
final class KillSwitchParts {
    /// The news of one namespace's ruleset.
    final class Watch {
        let namespace: UInt64
        private var watch: RulesetWatch

        /// Of the thread's network namespace.
        init() throws {
            let own = try NetworkNamespace.current()
            namespace = try NetworkNamespace.identifier(own)
            watch = try RulesetWatch()
        }

        var pollDescriptor: Int32 { watch.pollDescriptor }

        func ownThread() throws -> UInt32? { try watch.ownThread() }

        func read() throws -> RulesetWatch.News { try watch.read() }
    }

    /// Wakes the tables of several agents in one namespace.
    final class Everybody {
        private let all: SealSwitch

        /// - Parameter places: all of the thread's network namespace.
        init(_ places: [AgentRecord.Place]) throws { all = try SealSwitch(places.map { ($0.table, $0.hasBridge) }) }

        func wake() throws { try all.flip() }
    }

    let signals: SignalDescriptor
    /// The signal that seals everybody.
    let sealSignal: Int32
    let folders: FolderWatch
    let sentinel: (folder: String, name: String)
    /// Whether the sentinel was there at the start.
    let hasSentinel: Bool
    let watches: [Watch]
    /// Where the gateway reaches servers from.
    let hostSockets: TCPSockets
    private let everybody: [Everybody]
    /// Puts the gateway's own table right.
    let restore: () throws -> Void
    let isRulesetAsLoaded: () -> Bool
    /// Called at every turn of the loop, some times a second at least.
    let tend: () throws -> Void

    /// In the thread's network namespace, which must be the one that servers are reached from.
    ///
    /// - Parameter signals: those that end the loop.
    init(
        signals: [Int32], sealSignal: Int32, sentinel path: String, watches: [Watch], everybody: [Everybody],
        restore: @escaping () throws -> Void = {}, isRulesetAsLoaded: @escaping () -> Bool = { true },
        tend: @escaping () throws -> Void = {}
    ) throws {
        self.signals = try SignalDescriptor(signals + [sealSignal])
        self.sealSignal = sealSignal
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        sentinel = (String(path[..<slash]), String(path[path.index(after: slash)...]))
        var folders = try FolderWatch()
        try folders.add(SealStore.standard.folder)
        try folders.add(sentinel.folder.isEmpty ? "/" : sentinel.folder)
        self.folders = folders
        // After the watch: what comes in between is heard of twice rather than not at all.
        hasSentinel = FileText.exists(path)
        self.watches = watches
        self.everybody = everybody
        hostSockets = try TCPSockets()
        self.restore = restore
        self.isRulesetAsLoaded = isRulesetAsLoaded
        self.tend = tend
    }

    /// This thread's number in the news of the ruleset, where it can be told: in the namespace that the thread is in.
    func ownThread() throws -> UInt32? {
        let own = try NetworkNamespace.current()
        let number = try NetworkNamespace.identifier(own)
        return try watches.first { $0.namespace == number }?.ownThread()
    }

    /// - Returns: false where one of them failed: each agent is then sealed by itself.
    func wakeAll() -> Bool {
        var isWhole = true
        for part in everybody {
            do { try part.wake() } catch { isWhole = false }
        }
        return isWhole
    }
}

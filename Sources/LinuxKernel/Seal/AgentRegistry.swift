internal import CLinux
internal import Glibc

/// The records of all agents that are guarded on this machine: `/run/portcullis/agents`, which root alone reads.
///
/// A service's agents stay known when it ends, for its rules stay; `down` forgets them. A jail is gone with its gateway.
/// What a service guards is kept over a reboot too, so that seals can be restored before it runs, or without it.
package enum AgentRegistry {
    package static let folder = "/run/portcullis/agents"
    package static let lastingFolder = StateFolder.path + "/agents"

    /// Bytes of one record that are read; a longer file is none of ours.
    private static let recordBytes = 1 << 20

    package static func add(_ record: AgentRecord) throws(SystemCallError) {
        try FileText.makeFolder(folder, mode: 0o700)
        let text = Array(record.text.utf8)
        try FileText.replace(path(of: record), with: text, mode: 0o600)
        try WakeFile.write(record, as: own(record))
        guard record.isService else { return }
        try StateFolder.prepare()
        try FileText.makeFolder(lastingFolder, mode: 0o700)
        try FileText.replace(lastingPath(of: record.name), with: text, mode: 0o600)
    }

    /// What a service guarded when it was last started, running or not: also before the machine's last start.
    package static func lasting() -> [AgentRecord] { records(in: lastingFolder).sorted { $0.name < $1.name } }

    /// Forgets what a service guarded; a sealed agent is kept, for its seal has to be restored.
    package static func removeLasting(unless isKept: (AgentRecord) -> Bool) {
        for record in lasting() where !isKept(record) { _ = try? FileText.remove(lastingPath(of: record.name)) }
    }

    private static func lastingPath(of agent: String) -> String { "\(lastingFolder)/\(SealName.encoded(agent))" }

    package static func remove(_ record: AgentRecord) {
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        _ = unsafe unlink(path(of: record))
        WakeFile.remove(record, as: own(record))
        _ = unsafe rmdir(folder)
    }

    /// All agents, by name. Records of jails whose gateway is gone are removed; unreadable ones are passed over, for they
    /// name nobody.
    package static func all() -> [AgentRecord] {
        var living: [AgentRecord] = []
        for record in records(in: folder) {
            if !record.isService, !record.isGatewayAlive { remove(record) } else { living.append(record) }
        }
        return living.sorted { ($0.name, $0.process) < ($1.name, $1.process) }
    }

    /// Removes what jails have left whose gateway was killed.
    package static func removeStale() { _ = all() }

    private static func records(in folder: String) -> [AgentRecord] {
        FolderListing.names(in: folder).compactMap { name in
            guard !name.hasPrefix("."), let bytes = try? FileText.read("\(folder)/\(name)", limit: recordBytes) else { return nil }
            return AgentRecord(text: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Forgets the service's agents of a network namespace.
    package static func removeService(of namespace: UInt64) {
        for record in all() where record.isService && record.hostNamespace == namespace { remove(record) }
    }

    /// A service is one of its network namespace; of jails there may be many of one name.
    private static func path(of record: AgentRecord) -> String { "\(folder)/\(SealName.encoded(record.name)).\(own(record))" }

    private static func own(_ record: AgentRecord) -> String {
        record.isService ? "\(record.hostNamespace).service" : "\(record.process).\(record.startedAt).jail"
    }
}

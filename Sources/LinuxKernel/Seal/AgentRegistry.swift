internal import CLinux
internal import Glibc

/// The records of all agents that are guarded on this machine: `/run/portcullis/agents`, which root alone reads.
///
/// A service's agents stay known when it ends, for its rules stay; `down` forgets them. A jail is gone with its gateway.
package enum AgentRegistry {
    package static let folder = "/run/portcullis/agents"

    /// Bytes of one record that are read; a longer file is none of ours.
    private static let recordBytes = 1 << 20

    package static func add(_ record: AgentRecord) throws(SystemCallError) {
        try FileText.makeFolder(folder, mode: 0o700)
        try FileText.replace(path(of: record), with: Array(record.text.utf8), mode: 0o600)
    }

    package static func remove(_ record: AgentRecord) {
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        _ = unsafe unlink(path(of: record))
        _ = unsafe rmdir(folder)
    }

    /// All agents, by name. Records of jails whose gateway is gone are removed; unreadable ones are passed over, for they
    /// name nobody.
    package static func all() -> [AgentRecord] {
        var records: [AgentRecord] = []
        for name in FolderListing.names(in: folder) {
            guard !name.hasPrefix("."), let bytes = try? FileText.read("\(folder)/\(name)", limit: recordBytes),
                let record = AgentRecord(text: String(decoding: bytes, as: UTF8.self))
            else { continue }
            if !record.isService, !record.isGatewayAlive {
                remove(record)
            } else {
                records.append(record)
            }
        }
        return records.sorted { ($0.name, $0.process) < ($1.name, $1.process) }
    }

    /// Forgets the service's agents of a network namespace.
    package static func removeService(of namespace: UInt64) {
        for record in all() where record.isService && record.hostNamespace == namespace { remove(record) }
    }

    /// A service is one of its network namespace; of jails there may be many of one name.
    private static func path(of record: AgentRecord) -> String {
        let own = record.isService ? "\(record.hostNamespace).service" : "\(record.process).\(record.startedAt).jail"
        return "\(folder)/\(SealName.encoded(record.name)).\(own)"
    }
}

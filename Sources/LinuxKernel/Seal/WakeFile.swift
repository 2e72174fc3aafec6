internal import CLinux
internal import Glibc

/// The message that wakes an agent's seal in one namespace, as a file: sent on by the command before it has loaded anything
/// else (front/front.c, which knows this format).
enum WakeFile {
    static let folder = "/run/portcullis/wake"

    /// Writes one for each place of a record, in place of those that were there under `name`.
    static func write(_ record: AgentRecord, as name: String) throws(SystemCallError) {
        let folder = folder(of: record.name)
        try FileText.makeFolder(folder, mode: 0o700)
        for (index, place) in record.places.enumerated() {
            let heading = Array("\(place.namespace) \(place.path)\n\n".utf8)
            let message = SealSwitch.message([(place.table, place.hasBridge)], isAsleep: false).bytes
            try FileText.replace("\(folder)/\(name).\(index)", with: heading + message, mode: 0o600)
        }
    }

    static func remove(_ record: AgentRecord, as name: String) {
        let folder = folder(of: record.name)
        for index in record.places.indices {
            // SAFETY: the path is a NUL-terminated copy for the length of the call.
            _ = unsafe unlink("\(folder)/\(name).\(index)")
        }
        // The last one takes the folders with it.
        _ = unsafe rmdir(folder)
        _ = unsafe rmdir(Self.folder)
    }

    private static func folder(of agent: String) -> String { "\(folder)/\(SealName.encoded(agent))" }
}

internal import GatewayCore
package import LinuxKernel
internal import WireFormats

/// What a running jail tells `portcullis status`, as a file of `/run/portcullis` that only root reads.
///
/// A jail that was killed leaves its file; the next start removes what no process stands behind.
package struct JailStatus: Sendable {
    package static let folder = "/run/portcullis"
    private let path: String

    init(agent: AgentID, options: JailOptions, queue: QueueStatement) throws {
        try StatusFolder.prepare(Self.folder)
        StatusFolder.removeStale(in: Self.folder)
        let process = ProcessSettings.processIdentifier
        var json = JSONText()
        json.beginObject()
        json.member("agent", agent.number)
        json.member("pid", process)
        json.member("command", options.command.joined(separator: " "))
        json.member("user", options.user.name)
        json.member("mode", options.policy.mode.rawValue)
        json.member("packet_queue", queue.rawValue)
        json.endObject()
        path = "\(Self.folder)/\(process).\(ProcessSettings.startTime(of: process) ?? 0).json"
        try FileText.write(Array((json.text + "\n").utf8), to: path, mode: 0o600)
    }

    func remove() { StatusFolder.remove(path) }
}

internal import GatewayCore
internal import LinuxKernel
internal import Policy
internal import WireFormats

/// What a running gateway tells `portcullis status`, as a file of `/run/portcullis` that only root reads.
///
/// One that was killed leaves its file; the next start removes what no process stands behind.
package struct GatewayStatus: Sendable {
    package static let folder = "/run/portcullis"
    /// The most of one file that is read; a larger one counts as none. Command lines and policies' names are the most of it.
    static let fileBytes = 4 << 20
    private let path: String

    /// A jail's.
    ///
    /// - Parameter jail: the jail's first process.
    init(agent: AgentID, options: JailOptions, jail: Int32, queue: QueueStatement) throws {
        let namespace = try Self.ownNamespace()
        try self.init(policy: options.policy, queue: queue) { json in
            json.member("agent", agent.number)
            json.member("name", options.name)
            json.member("network_namespace", namespace)
            json.member("jail_process", jail)
            Self.write(log: options.log, origin: options.origin, to: &json)
            json.member("command", options.command.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))
            json.member("user", options.user.name)
        }
    }

    /// The service's.
    init(
        service agents: [GuardedAgent], scopes: [HostRuleset.Scope], options: UpOptions, queue: QueueStatement,
        untagged: String?, lingering: String?
    ) throws {
        let namespace = try Self.ownNamespace()
        try self.init(policy: options.policy, queue: queue) { json in
            json.member("service", true)
            json.member("network_namespace", namespace)
            json.member("setuid_programs", untagged.map { "not covered: \($0)" } ?? "covered")
            json.member("earlier_connections", lingering.map { "not ended: \($0)" } ?? "ended")
            Self.write(log: options.log, origin: options.origin, to: &json)
            json.key("agents")
            json.beginArray()
            for agent in agents {
                json.beginObject()
                json.member("agent", agent.agent.number)
                json.member("name", agent.rule.name)
                json.member("scope", agent.rule.scope.description)
                json.member("way", agent.way)
                Self.write(scopes.filter { scope in agent.places.contains { $0.scope == scope.number } }, to: &json)
                json.endObject()
            }
            json.endArray()
        }
    }

    private init(policy: CompiledPolicy, queue: QueueStatement, _ body: (inout JSONText) -> Void) throws {
        StatusFolder.removeStale(in: Self.folder)
        let process = ProcessSettings.processIdentifier
        var json = JSONText()
        json.beginObject()
        json.member("pid", process)
        body(&json)
        json.member("mode", policy.mode.rawValue)
        json.member("packet_queue", queue.rawValue)
        json.endObject()
        path = "\(Self.folder)/\(process).\(ProcessSettings.startTime(of: process) ?? 0).json"
        let text = Array((json.text + "\n").utf8)
        do {
            try StatusFolder.prepare(Self.folder)
            try FileText.write(text, to: path, mode: 0o600)
        } catch {
            // Another gateway ended between the two, and took the empty folder with it.
            try StatusFolder.prepare(Self.folder)
            try FileText.write(text, to: path, mode: 0o600)
        }
    }

    func remove() { StatusFolder.remove(path) }
}

extension GatewayStatus {
    /// One running gateway, as its file has it.
    package struct Running: Sendable {
        package var process: Int32
        /// The file's JSON object.
        package var json: String

        package var isService: Bool { json.contains("\"service\":true") }
    }

    /// The service of the calling thread's network namespace, if one runs.
    static func runningService() throws -> Running? {
        let member = "\"network_namespace\":\(try ownNamespace()),"
        return running().first { $0.isService && $0.json.contains(member) }
    }

    private static func ownNamespace() throws -> UInt64 {
        let own = try NetworkNamespace.current()
        return try NetworkNamespace.identifier(own)
    }

    /// The gateways whose process is alive.
    package static func running() -> [Running] {
        StatusFolder.entries(in: folder)
            .filter { StatusFolder.isAlive($0.process, startedAt: $0.start) }
            .compactMap { entry in
                guard let bytes = try? FileText.read(entry.path, limit: fileBytes) else { return nil }
                let line = String(decoding: bytes, as: UTF8.self)
                return Running(process: entry.process, json: line.hasSuffix("\n") ? String(line.dropLast()) : line)
            }
    }
}

internal import GatewayCore
internal import LinuxKernel
internal import TLSInterception
internal import WireFormats

/// The agents that something is known of: whom the registry has, jails that were killed, and who is sealed and not running.
extension EvidenceSubject {
    /// Every agent by its name in the policy; several jails may share one.
    package static func known() -> [EvidenceSubject] {
        let files = Status.all()
        let records = AgentRegistry.all()
        var subjects = records.map { record in
            EvidenceSubject(record, files.first { $0.gateway.process == record.process && $0.gateway.start == record.startedAt })
        }
        // A jail's record goes with its gateway; of one that was killed, the file stays for a while.
        for file in files where !file.gateway.isAlive {
            for name in file.names where !subjects.contains(where: { $0.name == name && $0.gateway == file.gateway }) {
                subjects.append(EvidenceSubject(name, file))
            }
        }
        for name in SealStore.standard.agents where !subjects.contains(where: { $0.name == name }) {
            subjects.append(EvidenceSubject(name: name))
        }
        return subjects
    }

    /// The records of seals that hold these agents, those on everybody among them.
    package static func seals(of subjects: [EvidenceSubject]) -> [String] {
        let store = SealStore.standard
        return (Set(subjects.map(\.name)).sorted() + [SealStore.everybody]).filter(store.has).map(store.path)
    }

    private init(_ record: AgentRecord, _ status: Status?) {
        self.init(name: record.name)
        let gateway = Gateway(process: record.process, start: record.startedAt, isAlive: record.isGatewayAlive)
        self.gateway = gateway
        isJail = !record.isService
        users = record.users
        interfaces = record.interfaces
        processNamespace = record.processNamespace
        marks = record.flows.map { FlowMarkFilter(value: $0, mask: FlowMark.prefixMask | 0xff00) }
        for path in record.cgroups {
            do {
                cgroups.append(try CgroupPath(path))
            } catch {
                unknown.append(EvidenceGap(part: "agent \(name)", reason: "\(error)"))
            }
        }
        read(status)
        // Without its process, the namespace can only be reached by somebody who is in it, or by the machine's first.
        let ways = (gateway.isAlive ? ["/proc/\(record.process)/ns/net"] : []) + ["/proc/self/ns/net", "/proc/1/ns/net"]
        add(ways, number: record.hostNamespace, isShared: true)
        if let path = record.agentPath, let number = record.agentNamespaces.first, gateway.isAlive || record.isService {
            add([path], number: number, isShared: false)
        }
        // The gateway's own go with its process.
        for place in record.places where place.isOwn && gateway.isAlive { add([place.path], number: place.namespace, isShared: false) }
    }

    /// A jail that was killed: nothing is left but what its gateway wrote.
    private init(_ name: String, _ status: Status) {
        self.init(name: name)
        gateway = status.gateway
        isJail = !status.isService
        read(status)
        if let host = status.host { add(["/proc/self/ns/net", "/proc/1/ns/net"], number: host, isShared: true) }
    }

    private mutating func read(_ status: Status?) {
        guard let status else {
            noLog = "its gateway has ended, and does not say any more where it wrote decisions"
            return
        }
        log = status.log
        policy = status.policy
    }

    private mutating func add(_ paths: [String], number: UInt64, isShared: Bool) {
        for path in paths {
            guard let namespace = try? NetworkNamespace.identifier(Descriptor.open(path, 0)), namespace == number else { continue }
            places.append(Place(namespace: namespace, path: path, isShared: isShared))
            return
        }
        unknown.append(
            EvidenceGap(part: "network namespace \(number)", reason: "nothing leads to it: its processes are gone, or another is in its place"))
    }
}

/// What of a gateway's file is of use when the registry is there: it outlives a gateway that was killed.
private struct Status {
    var gateway: EvidenceSubject.Gateway
    var isService: Bool
    var names: [String]
    var host: UInt64?
    var log: String?
    var policy: PolicyOrigin?

    static func all() -> [Status] {
        StatusFolder.entries(in: GatewayStatus.folder).compactMap { entry in
            guard let bytes = try? FileText.read(entry.path, limit: GatewayStatus.fileBytes), let json = JSONValue(bytes.span) else {
                return nil
            }
            let isService = json["service"]?.isTrue == true
            let agents = json["agents"]?.elements ?? []
            return Status(
                gateway: .init(
                    process: entry.process, start: entry.start,
                    isAlive: StatusFolder.isAlive(entry.process, startedAt: entry.start)),
                isService: isService, names: (isService ? agents : [json]).compactMap { $0["name"]?.text },
                host: json["network_namespace"]?.integer(), log: json["log"]?.text, policy: json["policy"].map(origin))
        }
    }

    private static func origin(_ policy: JSONValue) -> PolicyOrigin {
        PolicyOrigin(
            source: policy["source"]?.text,
            files: (policy["files"]?.elements ?? []).compactMap { file in
                guard let path = file["path"]?.text, let digest = file["sha256"]?.text.flatMap(Digest.init) else { return nil }
                return .init(path: path, digest: digest)
            },
            allow: (policy["allow"]?.elements ?? []).compactMap(\.text), observe: policy["observe"]?.isTrue == true)
    }
}

internal import GatewayCore
internal import LinuxKernel
internal import TLSInterception
internal import WireFormats

/// The agents of the gateways that run, and of those that were killed, from the files that they leave.
extension EvidenceSubject {
    /// Every agent that a file speaks of: the service's by their names, a jail as `jail-` and its gateway's process.
    ///
    /// Namespaces that nothing else leads to are held open until the process ends.
    package static func running() -> [EvidenceSubject] {
        StatusFolder.entries(in: GatewayStatus.folder).flatMap { entry -> [EvidenceSubject] in
            let gateway = Gateway(
                process: entry.process, start: entry.start,
                isAlive: StatusFolder.isAlive(entry.process, startedAt: entry.start))
            guard let bytes = try? FileText.read(entry.path, limit: GatewayStatus.fileBytes),
                let status = JSONValue(bytes.span)
            else { return [] }
            return status["service"]?.isTrue == true ? agents(of: status, gateway) : [jail(of: status, gateway)]
        }
    }

    private init(_ name: String, _ status: JSONValue, _ gateway: Gateway) {
        self.init(name: name)
        self.gateway = gateway
        log = status["log"]?.text
        policy = status["policy"].map(Self.origin)
        guard let machine = status["network_namespace"]?.integer(UInt64.self) else {
            unknown.append(EvidenceGap(part: "agent \(name)", reason: "its gateway's file does not name its network namespace"))
            return
        }
        // Without its process, the namespace can only be reached by somebody who is in it.
        let path = gateway.isAlive ? "/proc/\(gateway.process)/ns/net" : "/proc/self/ns/net"
        add(path, expecting: machine, isShared: true)
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

    // MARK: Jails

    private static func jail(of status: JSONValue, _ gateway: Gateway) -> EvidenceSubject {
        var subject = EvidenceSubject("jail-\(gateway.process)", status, gateway)
        guard gateway.isAlive else { return subject }
        // A number is only a number: the process must be the gateway's child.
        let first = status["jail_process"]?.integer(Int32.self)
        let found = first.flatMap { try? ProcessTable.find(ProcessSelection(processes: [$0])).entries.first }
        if let found, found.parent == gateway.process, let namespace = found.networkNamespace {
            subject.processNamespace = found.processNamespace
            subject.add("/proc/\(found.process)/ns/net", expecting: namespace, isShared: false)
        } else {
            subject.unknown.append(EvidenceGap(part: "agent \(subject.name)", reason: "the jail's first process is gone"))
        }
        subject.addGatewayNamespaces { _ in true }
        return subject
    }

    // MARK: The service

    private static func agents(of status: JSONValue, _ gateway: Gateway) -> [EvidenceSubject] {
        (status["agents"]?.elements ?? []).map { agent in
            let name = agent["name"]?.text ?? "agent \(agent["agent"]?.integer(UInt32.self) ?? 0)"
            var subject = EvidenceSubject(name, status, gateway)
            for scope in agent["scopes"]?.elements ?? [] { subject.add(scope) }
            let words = agent["scope"]?.text ?? ""
            guard words.hasPrefix("netns ") else { return subject }
            let namespace = String(words.dropFirst("netns ".utf8.count))
            let path = namespace.hasPrefix("/") ? namespace : "/run/netns/\(namespace)"
            subject.add(path, expecting: nil, isShared: false)
            // At the other end of a cable lies a gateway's namespace of its own.
            if subject.marks.isEmpty, gateway.isAlive {
                subject.addGatewayNamespaces { held in
                    let inside = try Descriptor.open(path, 0)
                    return try NetworkNamespace.visit(held) { try RouteSocket().number(of: inside) != nil }
                }
            }
            return subject
        }
    }

    private mutating func add(_ scope: JSONValue) {
        if let number = scope["number"]?.integer(UInt8.self) {
            marks.append(FlowMarkFilter(value: FlowMark.prefix | UInt32(number) << 8, mask: FlowMark.prefixMask | 0xff00))
        }
        if let user = scope["user"]?.integer(UInt32.self) { users.append(user) }
        if let interface = scope["interface"]?.text { interfaces.append(interface) }
        if let path = scope["cgroup"]?.text {
            do {
                cgroups.append(try CgroupPath(path))
            } catch {
                unknown.append(EvidenceGap(part: "agent \(name)", reason: "\(error)"))
            }
        }
    }

    // MARK: Namespaces

    /// - Parameter expecting: the number that it has to have; `nil` for whatever is there.
    private mutating func add(_ path: String, expecting: UInt64?, isShared: Bool) {
        do {
            let namespace = try NetworkNamespace.identifier(Descriptor.open(path, 0))
            guard expecting == nil || namespace == expecting else {
                let reason = "nothing leads to it: its gateway is gone, and this is another one"
                return unknown.append(EvidenceGap(part: "network namespace \(expecting ?? 0)", reason: reason))
            }
            places.append(Place(namespace: namespace, path: path, isShared: isShared))
        } catch {
            unknown.append(EvidenceGap(part: "network namespace at \(path)", reason: "\(error)"))
        }
    }

    /// Adds those that the gateway has sockets in, besides the ones that are known.
    private mutating func addGatewayNamespaces(where isAgents: (String) throws -> Bool) {
        guard let gateway else { return }
        var added: [Place] = []
        do {
            try NetworkNamespace.forEachWithSockets(of: gateway.process) { held throws(SystemCallError) in
                let namespace = held.identifier
                guard !places.contains(where: { $0.namespace == namespace }) else { return }
                guard (try? isAgents(held.path)) == true else { return }
                // The descriptor stays open with this process.
                let number = held.release()
                added.append(Place(namespace: namespace, path: "/proc/self/fd/\(number)", isShared: false))
            }
        } catch {
            unknown.append(EvidenceGap(part: "the gateway's namespace of agent \(name)", reason: "\(error)"))
        }
        places += added
    }
}

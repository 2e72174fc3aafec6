internal import GatewayCore
internal import Glibc
internal import LinuxKernel
internal import Policy

/// Where an agent's traffic is to be taken, once its scope has been looked up on this machine.
enum ScopePlan: Sendable {
    /// By rules of the machine's own namespace; one for each interface that the scope comes down to.
    case host([HostRuleset.Match])
    /// By a cable into a namespace that has no network of its own; the path of that namespace.
    case cable(String)

    /// - Parameters:
    ///   - host: the machine's own namespace, which the calling thread is in, and is in again afterwards.
    ///   - account: the gateway's own, which nobody guards.
    /// - Throws: ``ScopeError``, which says what to do.
    init(_ scope: AgentScope, host: borrowing Descriptor, account: GatewayAccount) throws {
        switch scope {
        case .user(let name):
            guard let user = JailUser.find(name) else { throw ScopeError("no user is called \(name)") }
            guard user.identifier != account.user else { throw ScopeError("\(name) is the gateway's own account") }
            self = .host([.user(user.identifier)])
        case .cgroup(let path):
            self = .host([.cgroup(try CgroupPath(path))])
        case .interface(let name):
            self = .host([try Self.match(name, among: RouteSocket().links())])
        case .netns(let name):
            // The cable of a gateway that has just ended goes a moment after it: the kernel takes namespaces down by and by.
            var attempts = 0
            while true {
                do {
                    self = try Self.namespace(name, host)
                    return
                } catch let error as ScopeError where error.mayPass && attempts < 50 {
                    attempts += 1
                    usleep(100_000)
                }
            }
        case .jail:
            throw ScopeError("a jail is made by `portcullis run`")
        }
    }

    /// A name may be guarded before its interface exists; a port's traffic arrives by its bridge.
    private static func match(_ name: String, among links: [NetworkLink]) throws -> HostRuleset.Match {
        guard let link = links.first(where: { $0.name == name }) else { return .interface(name, ports: nil) }
        if let master = link.master.flatMap({ index in links.first { $0.index == index } }) {
            throw ScopeError("\(name) is a port of \(master.name): guard that, `interface: \(master.name)`")
        }
        if let kind = link.kind, ["macvlan", "macvtap", "ipvlan", "ipvtap"].contains(kind) {
            throw ScopeError(
                "what comes through \(name), a \(kind), goes to its parent interface past this machine's rules; "
                    + "give the agent a tap or a veth")
        }
        guard link.kind == "bridge" else { return .interface(name, ports: nil) }
        return .interface(name, ports: links.filter { $0.master == link.index }.map(\.name))
    }

    /// - Parameter name: of ip-netns(8), or a path.
    static func path(ofNamespace name: String) -> String { name.hasPrefix("/") ? name : "/run/netns/\(name)" }

    private static func namespace(_ name: String, _ host: borrowing Descriptor) throws -> ScopePlan {
        let path = path(ofNamespace: name)
        let namespace: Descriptor
        do {
            namespace = try Descriptor.open(path, 0)
        } catch {
            throw ScopeError("there is no network namespace \(name) (\(error)); make it first: `ip netns add \(name)`")
        }
        guard try NetworkNamespace.identifier(namespace) != NetworkNamespace.identifier(host) else {
            throw ScopeError("\(name) is this machine's own namespace; guard a user or a cgroup")
        }
        try NetworkNamespace.enter(namespace)
        let inside = Result { try RouteSocket().links().filter { $0.name != "lo" && !$0.isUnused } }
        try NetworkNamespace.enter(host)
        let links = try inside.get()
        if links.isEmpty { return .cable(path) }

        // The rules lie at the other ends, where nobody inside, root or not, can reach them.
        let route = try RouteSocket()
        let number = try route.number(of: namespace)
        let outside = try route.links()
        return .host(
            try links.map { link in
                guard link.kind == "veth", let number,
                    let end = outside.first(where: {
                        $0.kind == "veth" && $0.index == link.peer && $0.peer == link.index && $0.peerNamespace == number
                    })
                else {
                    throw ScopeError(
                        "\(link.name) of \(name) does not end at a veth of this machine's own namespace, so nothing here can "
                            + "guard it; take it out, and the gateway puts a link of its own in",
                        mayPass: true)
                }
                return try match(end.name, among: outside)
            })
    }
}

/// Why a scope cannot be guarded, and what to do.
struct ScopeError: Error, CustomStringConvertible {
    let description: String
    /// True for what a moment's wait may change.
    let mayPass: Bool

    init(_ description: String, mayPass: Bool = false) {
        self.description = description
        self.mayPass = mayPass
    }
}

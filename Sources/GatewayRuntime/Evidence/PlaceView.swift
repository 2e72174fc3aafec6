internal import LinuxKernel

/// Whose a socket or a flow of one network namespace is.
struct PlaceView {
    let place: EvidenceSubject.Place
    /// Those whose traffic passes here.
    let subjects: [EvidenceSubject]
    /// Processes of agents and gateways by the sockets that they hold.
    let holders: [UInt64: [Int32]]
    private let owners: [Int32: EvidenceFacts.Owner]
    /// Control groups by number, with those below them: sockets name the group they were made in.
    private let cgroups: [(number: UInt64, agent: String)]

    init(
        place: EvidenceSubject.Place, subjects: [EvidenceSubject], holders: [UInt64: [Int32]],
        processes: [EvidenceFacts.OwnedProcess]
    ) {
        self.place = place
        self.subjects = subjects.filter { $0.places.contains { $0.namespace == place.namespace } }
        self.holders = holders
        owners = Dictionary(processes.map { ($0.process.process, $0.owner) }, uniquingKeysWith: { first, _ in first })
        cgroups = self.subjects.flatMap { subject in
            subject.cgroups.compactMap { group in group.identifier.map { ($0, subject.name) } }
        }
    }

    /// - Returns: `nil` for somebody else's.
    func owner(of socket: SocketEntry) -> EvidenceFacts.Owner? {
        var agents: Set<String> = []
        var isGateway = false
        for holder in holders[socket.inode] ?? [] {
            guard let owner = owners[holder] else { continue }
            agents.formUnion(owner.agents)
            if owner.isGateway { isGateway = true }
        }
        // Who nobody holds any more is known by what it bears; user 0 of an orphan is nobody's in particular.
        if agents.isEmpty {
            for subject in subjects {
                let isMarked = socket.mark.map { mark in subject.marks.contains { $0.contains(mark) } } ?? false
                let isUsers = socket.inode != 0 && subject.users.contains(socket.user)
                if isMarked || isUsers { agents.insert(subject.name) }
            }
            for group in cgroups where socket.cgroup == group.number { agents.insert(group.agent) }
        }
        return owner(agents, isGateway: isGateway)
    }

    /// - Parameter ends: of the sockets that were found here.
    /// - Returns: `nil` for somebody else's.
    func owner(of flow: ConntrackEntry, _ ends: SocketEnds) -> EvidenceFacts.Owner? {
        let marked = subjects.filter { subject in subject.marks.contains { $0.contains(flow.mark) } }.map(\.name)
        if !marked.isEmpty { return owner(Set(marked), isGateway: false) }
        if let socket = ends.socket(of: flow) { return socket.owner }
        return owner([], isGateway: false)
    }

    private func owner(_ agents: Set<String>, isGateway: Bool) -> EvidenceFacts.Owner? {
        if agents.isEmpty, !isGateway {
            return place.isShared ? nil : .init(agents: subjects.map(\.name), isGateway: false)
        }
        return .init(agents: agents.sorted(), isGateway: isGateway)
    }
}

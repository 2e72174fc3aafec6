internal import LinuxKernel
internal import WireFormats

extension EvidenceFacts {
    /// Looks at the agents' processes, and at sockets, flows, rules and links of every namespace that their traffic passes.
    /// What cannot be seen is in ``missing``; nothing stops the rest.
    ///
    /// The thread goes through the namespaces: the process must have no other that depends on its own.
    init(of subjects: [EvidenceSubject]) {
        readProcesses(subjects)
        let holders = holdersOfSockets()
        var seen: Set<UInt64> = []
        for place in subjects.flatMap(\.places) where seen.insert(place.namespace).inserted {
            let view = PlaceView(place: place, subjects: subjects, holders: holders, processes: processes)
            do {
                try NetworkNamespace.visit(place.path) { readPlace(view) }
            } catch {
                missing.append(
                    EvidenceGap(part: "network namespace \(place.namespace)", reason: "it cannot be entered: \(error)"))
            }
        }
    }

    private mutating func readProcesses(_ subjects: [EvidenceSubject]) {
        let own = ProcessSettings.processIdentifier
        let gateways = Set(subjects.compactMap { $0.gateway.flatMap { $0.isAlive ? $0.process : nil } })
        let selections = subjects.map { subject in
            ProcessSelection(
                users: Set(subject.users), cgroups: Set(subject.cgroups.map(\.path)),
                processNamespaces: subject.processNamespace.map { [$0] } ?? [],
                networkNamespaces: Set(subject.places.filter { !$0.isShared }.map(\.namespace)), excluded: gateways.union([own]))
        }
        let all = ProcessSelection(
            users: selections.reduce(into: []) { $0.formUnion($1.users) },
            cgroups: selections.reduce(into: []) { $0.formUnion($1.cgroups) },
            processNamespaces: selections.reduce(into: []) { $0.formUnion($1.processNamespaces) },
            networkNamespaces: selections.reduce(into: []) { $0.formUnion($1.networkNamespaces) },
            processes: gateways, excluded: [own])
        do throws(SystemCallError) {
            let found = try ProcessTable.find(all, details: true)
            for entry in found.entries {
                let isGateway = gateways.contains(entry.process)
                let agents = zip(subjects, selections).filter { subject, selection in
                    isGateway ? subject.gateway?.process == entry.process : selection.contains(entry)
                }
                processes.append(.init(process: entry, owner: Owner(agents: agents.map(\.0.name), isGateway: isGateway)))
            }
            if found.isTruncated { note("processes.json", "there are more than \(ProcessTable.limit) processes; the rest is left out") }
            let details = found.entries.compactMap { entry in entry.details.map { (entry.process, $0) } }
            let silent = details.filter { $0.1.argumentCount == nil }.map { "\($0.0)" }
            if !silent.isEmpty { note("processes.json", "command lines that could not be read, or kept their reader waiting: \(silent.joined(separator: ", "))") }
            let many = details.filter(\.1.hasMoreDescriptors).map { "\($0.0)" }
            if !many.isEmpty { note("processes.json", "more descriptors than are looked at: \(many.joined(separator: ", "))") }
            if found.unreadable > 0 { note("processes.json", "\(found.unreadable) processes could not be looked at") }
        } catch {
            note("processes.json", "\(error)")
        }
    }

    private func holdersOfSockets() -> [UInt64: [Int32]] {
        var holders: [UInt64: [Int32]] = [:]
        for owned in processes {
            // Two descriptors of one socket count once.
            for inode in Set(owned.process.details?.sockets ?? []) { holders[inode, default: []].append(owned.process.process) }
        }
        return holders
    }

    private mutating func readPlace(_ view: PlaceView) {
        let namespace = view.place.namespace
        let sockets = SocketTable.find({ view.owner(of: $0) != nil }, unix: { view.holders[$0] != nil })
        for socket in sockets.entries {
            guard let owner = view.owner(of: socket) else { continue }
            self.sockets.append(
                .init(socket: socket, namespace: namespace, owner: owner, holders: view.holders[socket.inode] ?? []))
        }
        if let all = sockets.unixCount, let owned = sockets.wantedUnixCount {
            unixCounts.append(.init(namespace: namespace, all: all, owned: owned))
        }
        let sub = "sockets.json, namespace \(namespace)"
        for failure in sockets.failures { note(sub, failure) }
        if sockets.isTruncated { note(sub, "there are more than \(SocketTable.limit) sockets; the rest is left out") }
        if !sockets.isConsistent { note(sub, "sockets came and went while they were listed: some may be missing, or be there twice") }
        if sockets.malformed > 0 { note(sub, "\(sockets.malformed) sockets could not be understood") }

        readFlows(view, ends: SocketEnds(self.sockets.filter { $0.namespace == namespace }))
        do {
            rulesets.append((namespace, try RulesetListing.read()))
            if rulesets.last?.listing.isTruncated == true {
                note("ruleset.nft, namespace \(namespace)", "it has more than \(RulesetListing.limitBytes) bytes; the rest is left out")
            }
        } catch {
            note("ruleset.nft, namespace \(namespace)", "\(error)")
        }
        do {
            let route = try RouteSocket()
            networks.append((namespace, try route.links(), try route.addresses()))
        } catch {
            note("system.json, namespace \(namespace)", "\(error)")
        }
    }

    private mutating func readFlows(_ view: PlaceView, ends: SocketEnds) {
        let part = "conntrack.json, namespace \(view.place.namespace)"
        do {
            let found = try ConntrackTable.find { view.owner(of: $0, ends) != nil }
            for flow in found.entries {
                guard let owner = view.owner(of: flow, ends) else { continue }
                flows.append(.init(flow: flow, namespace: view.place.namespace, owner: owner))
            }
            if found.isTruncated { note(part, "there are more than \(ConntrackTable.limit) flows; the rest is left out") }
            if !found.isConsistent { note(part, "flows came and went while they were listed: some may be missing, or be there twice") }
            if found.malformed > 0 { note(part, "\(found.malformed) flows could not be understood") }
        } catch {
            note(part, "\(error)")
        }
    }

    private mutating func note(_ part: String, _ reason: String) { missing.append(.init(part: part, reason: reason)) }
}

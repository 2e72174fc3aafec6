internal import WireFormats

/// Names that other names' service bindings lead to.
///
/// A client that follows such a record connects to the target's addresses and asks there for the owner: the addresses
/// have to be pinned to the owner, too. Both names are allowed ones, and the owner's records say that the target serves it.
struct ServiceTargets: Sendable {
    private struct Owner {
        var name: HostName
        var expiry: Timestamp
    }

    private var owners: [HostName: [Owner]] = [:]

    /// - Parameter timeToLive: of the record, in seconds. Past the limits nothing is added: the target's addresses are
    ///   then refused to the owner, and clients use the owner's own.
    mutating func add(_ target: HostName, for owner: HostName, timeToLive: UInt32, at now: Timestamp) {
        if owners.count >= Limits.serviceTargets, owners[target] == nil {
            owners = owners.filter { $0.value.contains { $0.expiry > now } }
            guard owners.count < Limits.serviceTargets else { return }
        }
        var list = owners[target, default: []].filter { $0.expiry > now && $0.name != owner }
        guard list.count < Limits.ownersPerServiceTarget else { return }
        list.append(Owner(name: owner, expiry: now.advanced(bySeconds: UInt64(timeToLive))))
        owners[target] = list
    }

    /// Names that the target serves besides itself.
    func owners(of target: HostName, at now: Timestamp) -> [HostName] {
        guard let list = owners[target] else { return [] }
        return list.compactMap { $0.expiry > now ? $0.name : nil }
    }
}

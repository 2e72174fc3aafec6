package import WireFormats

/// Which names an agent was given an address for, and until when.
///
/// An address is good for the names whose answer it came in, and for nobody else: neither another agent nor another name
/// on the same address gets anything from it.
package struct PinTable: Sendable {
    private struct Key: Hashable {
        var agent: AgentID
        var address: IPAddress
    }

    private struct Pin {
        var name: HostName
        var expiry: Timestamp
    }

    private var pins: [Key: [Pin]] = [:]

    package init() {}

    package var count: Int { pins.count }

    /// One pin that is in force.
    package struct Entry: Hashable, Sendable {
        package var name: HostName
        package var address: IPAddress
        package var secondsLeft: UInt64
    }

    /// An agent's pins, for people, by name and address.
    package func all(of agent: AgentID, at now: Timestamp) -> [Entry] {
        pins.flatMap { key, list in
            key.agent != agent ? [] : list.filter { $0.expiry > now }.map { pin in
                Entry(
                    name: pin.name, address: key.address,
                    secondsLeft: (pin.expiry.nanoseconds - now.nanoseconds) / 1_000_000_000)
            }
        }.sorted { ($0.name.text, $0.address.description) < ($1.name.text, $1.address.description) }
    }

    /// Pins `addresses` to `name` for `timeToLive` seconds and ``Limits/pinGraceSeconds``.
    ///
    /// - Returns: false when a limit forbids it; nothing is pinned then, and the answer must not be released.
    package mutating func pin(
        _ addresses: [IPAddress], to name: HostName, for agent: AgentID, timeToLive: UInt32, at now: Timestamp
    ) -> Bool {
        if pins.count + addresses.count > Limits.pins {
            removeExpired(at: now)
            // What is pinned already takes no more room.
            let fresh = addresses.count { pins[Key(agent: agent, address: $0)] == nil }
            guard pins.count + fresh <= Limits.pins else { return false }
        }
        let expiry = now.advanced(bySeconds: UInt64(timeToLive) + Limits.pinGraceSeconds)
        for address in addresses {
            let list = pins[Key(agent: agent, address: address)] ?? []
            let live = list.count { $0.expiry > now && $0.name != name }
            guard live < Limits.namesPerAddress else { return false }
        }
        for address in addresses {
            var list = pins[Key(agent: agent, address: address)] ?? []
            list.removeAll { $0.expiry <= now }
            if let index = list.firstIndex(where: { $0.name == name }) {
                list[index].expiry = max(list[index].expiry, expiry)
            } else {
                list.append(Pin(name: name, expiry: expiry))
            }
            pins[Key(agent: agent, address: address)] = list
        }
        return true
    }

    /// Calls `body` with each name pinned to the address, until it returns true.
    ///
    /// - Returns: whether it did. Allocates nothing.
    package func contains(
        _ address: IPAddress, for agent: AgentID, at now: Timestamp, where body: (HostName) -> Bool
    ) -> Bool {
        guard let list = pins[Key(agent: agent, address: address)] else { return false }
        for pin in list where pin.expiry > now && body(pin.name) { return true }
        return false
    }

    /// Other addresses of a name, for when the one that was dialled does not answer.
    package func addresses(of name: HostName, for agent: AgentID, at now: Timestamp) -> [IPAddress] {
        pins.compactMap { key, list in
            key.agent == agent && list.contains { $0.name == name && $0.expiry > now } ? key.address : nil
        }
    }

    private mutating func removeExpired(at now: Timestamp) {
        pins = pins.compactMapValues { list in
            let live = list.filter { $0.expiry > now }
            return live.isEmpty ? nil : live
        }
    }
}

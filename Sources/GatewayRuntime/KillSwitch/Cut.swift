internal import Glibc
internal import LinuxKernel

/// The steps of cutting agents off, in their order, for whoever does it: the command, or the daemon's own thread. Nothing
/// here needs the daemon, and nothing forks.
enum Cut {
    /// What one step did, and how long it took.
    struct Step: Sendable {
        var name: String
        var nanoseconds: UInt64
        var detail: String
        var hasFailed = false
    }

    /// Wakes the seals of all these agents: one transaction for each namespace that they have tables in, the machine's
    /// own first.
    ///
    /// - Returns: a step for each namespace.
    static func seal(_ records: [AgentRecord]) -> [Step] {
        var namespaces: [UInt64] = []
        for place in records.flatMap(\.places) where !namespaces.contains(place.namespace) {
            if place.isOwn { namespaces.append(place.namespace) } else { namespaces.insert(place.namespace, at: 0) }
        }
        return namespaces.map { namespace in
            let places = records.flatMap { $0.places.filter { $0.namespace == namespace } }
            return step("seal") {
                if isGone(places[0], records) { return gone }
                try Visit.namespace(of: places[0]) { try wake(places) }
                return places.map(\.table).joined(separator: ", ")
            }
        }
    }

    /// A gateway's own namespace goes with its process, and the agent's only link with that.
    private static func isGone(_ place: AgentRecord.Place, _ records: [AgentRecord]) -> Bool {
        place.isOwn && records.contains { $0.places.contains(place) && !$0.isGatewayAlive }
    }

    private static let gone = "the gateway's own namespace is gone with its process, and the agent's only link with it"

    private static func wake(_ places: [AgentRecord.Place]) throws {
        do {
            let all = try SealSwitch(places.map { ($0.table, $0.hasBridge) })
            try all.flip()
        } catch {
            // Somebody has taken a table away: it is made anew, awake. No other agent waits for that.
            for place in places {
                do {
                    let one = try SealSwitch([(place.table, place.hasBridge)])
                    try one.flip()
                } catch {
                    try RulesetText.load(place.text)
                }
            }
        }
    }

    /// The step that tells whether an agent is sealed.
    static let proofStep = "read back"

    /// Reads the seals back; what is not as it was loaded is loaded anew, and read again.
    static func prove(_ record: AgentRecord) -> [Step] {
        record.places.map { place in
            step(proofStep) {
                do {
                    return try prove(place)
                } catch {
                    // A jail whose command did not survive the cut takes its gateway with it, and that its namespace.
                    for _ in 0..<50 where place.isOwn && !isGone(place, [record]) { MonotonicClock.sleep(milliseconds: 10) }
                    guard isGone(place, [record]) else { throw error }
                    return gone
                }
            }
        }
    }

    private static func prove(_ place: AgentRecord.Place) throws -> String {
        try Visit.namespace(of: place) {
            var proof = try Self.proof(of: place)
            if proof.state != .inForce {
                try RulesetText.load(place.text)
                proof = try Self.proof(of: place)
            }
            guard proof.state == .inForce else { throw SealFailure("\(place.table) is \(proof.state)") }
            return "inet \(place.table): awake, \(proof.hookCount) hooks, \(proof.ruleCount) rules, as loaded"
                + (place.isOwn ? ", in the gateway's own namespace" : "")
        }
    }

    private static func proof(of place: AgentRecord.Place) throws -> SealProof {
        try SealProof(table: place.table, hasBridge: place.hasBridge, expected: place.listing)
    }

    /// Ends the gateway's connections on the agent's behalf, towards the agent and towards servers, with what they had
    /// not sent yet. Before the flows are forgotten: the reset to the agent must be translated back.
    static func endConnections(_ record: AgentRecord) -> Step {
        step("connections") {
            var count = 0
            for place in record.places where place.isOwn && !isGone(place, [record]) {
                let sockets = try Visit.namespace(of: place) { try TCPSockets() }
                count += try sockets.end(.all)
            }
            let sockets = try Visit.namespace(record.hostNamespace, path: "/proc/\(record.process)/ns/net") { try TCPSockets() }
            count += try sockets.end(.mark(record.servedMark))
            return "\(count) reset, both sides counted" + (record.isGatewayAlive ? "; the gateway, which runs, ends its own too" : "")
        }
    }

    /// Forgets the agent's flows, so that nothing of them goes on when the seal is lifted.
    static func forgetFlows(_ record: AgentRecord) -> Step {
        step("flows") {
            var count = 0
            for place in record.places where !isGone(place, [record]) {
                guard let flows = try? Visit.namespace(of: place, { try Conntrack() }) else {
                    // Whether it is gone with its process the proof tells.
                    if place.isOwn { continue }
                    throw SealFailure("the namespace of \(place.table) cannot be entered")
                }
                for (mark, mask) in place.isOwn ? [(UInt32(0), UInt32(0))] : record.flows.map({ ($0, 0xffff_ff00) }) {
                    count += try flows.count(mark: mark, mask: mask)
                    try flows.forget(mark: mark, mask: mask)
                }
            }
            return "\(count) forgotten"
        }
    }

    /// Puts the seals of an agent to sleep.
    static func open(_ record: AgentRecord) -> Step {
        step("open") {
            for place in record.places where !isGone(place, [record]) {
                try Visit.namespace(of: place) {
                    let reader = try SealTableReader()
                    guard try reader.isAwake(place.table) != nil else { return }
                    let all = try SealSwitch([(place.table, place.hasBridge)], isAsleep: true)
                    try all.flip()
                }
            }
            return record.places.map(\.table).joined(separator: ", ")
        }
    }

    /// Takes away the seal of an agent whose service has not been started since the machine was.
    static func openHere(_ agent: String) -> Step {
        step("open") {
            let name = SealTable.prefix + SealName.encoded(agent)
            for family in ["inet", "bridge"] {
                guard try RulesetText.list("tables").contains("table \(family) \(name)\n") else { continue }
                try RulesetText.load("delete table \(family) \(name)\n")
            }
            return name
        }
    }

    static func step(_ name: String, _ body: () throws -> String) -> Step {
        let start = MonotonicClock.nanoseconds
        do {
            let detail = try body()
            return Step(name: name, nanoseconds: MonotonicClock.nanoseconds - start, detail: detail)
        } catch {
            return Step(name: name, nanoseconds: MonotonicClock.nanoseconds - start, detail: "\(error)", hasFailed: true)
        }
    }
}

/// Why a seal is not what it should be.
struct SealFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

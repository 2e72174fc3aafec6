internal import Policy
internal import WireFormats

/// What one agent has told and been told through names, zone by zone, held against a ``DNSBudget``.
///
///     new names of a minute, bytes of an hour, random labels of an hour, refused types of a minute
///         └─ one too many ─▶ the zone is refused for a while; then counting goes on
///
/// Names and addresses are remembered as hashes for an hour to two. Bounded in zones and in what each remembers; where a
/// bound is hit, what is new is refused and what is known goes on.
struct NameBudget: Sendable {
    /// Which budget is spent, with its numbers.
    struct Excess: Hashable, Sendable {
        var reason: Reason
        /// For the log.
        var detail: String
    }

    private let budget: DNSBudget
    private var zones: [Substring: ZoneLedger] = [:]

    init(_ budget: DNSBudget) {
        self.budget = budget
    }

    /// Whether the name's zone is refused now. Counts nothing.
    func refusal(of name: HostName, at now: Timestamp) -> Excess? {
        let domain = PublicSuffix.registrableDomain(of: name)
        return zones[domain]?.refusal(of: domain, at: now)
    }

    /// The same for a zone that ``PublicSuffix/registrableDomain(of:)`` found before. Allocates nothing.
    func isRefused(_ domain: Substring, at now: Timestamp) -> Bool { zones[domain]?.isRefused(at: now) ?? false }

    /// Counts a question that is about to be asked of a resolver.
    ///
    /// - Returns: what forbids to ask it.
    mutating func ask(_ name: HostName, at now: Timestamp) -> Excess? {
        count(name, at: now) { zone, domain, budget in zone.ask(name, in: domain, budget, at: now) }
    }

    /// Counts a question of a type that is refused anyway.
    mutating func askRefusedType(_ name: HostName, at now: Timestamp) -> Excess? {
        count(name, at: now) { zone, domain, _ in zone.askRefusedType(name, in: domain, at: now) }
    }

    /// Counts a resolver's answer that is about to be released.
    ///
    /// - Returns: what forbids to release it.
    mutating func hear(
        _ addresses: [IPAddress], _ services: [DNSServiceBinding], for name: HostName, at now: Timestamp
    ) -> Excess? {
        count(name, at: now) { zone, domain, budget in zone.hear(addresses, services, in: domain, budget, at: now) }
    }

    private mutating func count(
        _ name: HostName, at now: Timestamp, _ body: (inout ZoneLedger, Substring, DNSBudget) -> Excess?
    ) -> Excess? {
        let domain = PublicSuffix.registrableDomain(of: name)
        if zones.count >= DNSBudget.zones, zones[domain] == nil {
            zones = zones.filter { !$0.value.isForgotten(at: now) }
            guard zones.count < DNSBudget.zones else {
                return Excess(
                    reason: .dnsBudgetExceeded, detail: "more than \(DNSBudget.zones) domains were asked for in an hour")
            }
        }
        return body(&zones[domain, default: ZoneLedger(at: now)], domain, budget)
    }
}

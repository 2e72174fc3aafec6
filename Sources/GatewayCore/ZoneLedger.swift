internal import Policy
internal import WireFormats

/// The counts of one zone; see ``NameBudget``.
struct ZoneLedger: Sendable {
    private var minuteEnd: Timestamp
    private var newNames = 0
    private var refusedTypePoints = 0
    private var hourEnd: Timestamp
    private var bytes = 0
    private var randomNames = 0
    /// Hashes of names and addresses of this hour, and of the one before: what is in either is not new.
    private var remembered: Set<Int> = []
    private var rememberedBefore: Set<Int> = []
    private var refusedUntil: Timestamp?
    private var refusalReason = Reason.dnsBudgetExceeded

    init(at now: Timestamp) {
        minuteEnd = now.advanced(bySeconds: 60)
        hourEnd = now.advanced(bySeconds: 3600)
    }

    /// True when nothing is lost with it.
    func isForgotten(at now: Timestamp) -> Bool { hourEnd <= now && refusedUntil.map { $0 <= now } ?? true }

    func isRefused(at now: Timestamp) -> Bool { refusedUntil.map { $0 > now } ?? false }

    func refusal(of domain: Substring, at now: Timestamp) -> NameBudget.Excess? {
        guard let refusedUntil, refusedUntil > now else { return nil }
        let seconds = (refusedUntil.nanoseconds - now.nanoseconds + 999_999_999) / 1_000_000_000
        return NameBudget.Excess(reason: refusalReason, detail: "\(domain) is refused for \(seconds) s more")
    }

    mutating func ask(
        _ name: HostName, in domain: Substring, _ budget: DNSBudget, at now: Timestamp
    ) -> NameBudget.Excess? {
        if let refusal = refusal(of: domain, at: now) { return refusal }
        turnPages(at: now)
        if isKnown(name.text.hashValue) {
            bytes += DNSBudget.repeatBytes
        } else {
            newNames += 1
            bytes += name.text.utf8.count
            if hasRandomLabel(name, below: domain, budget) { randomNames += 1 }
            guard newNames <= budget.uniqueNamesPerMinute else {
                return refuse(
                    domain, .dnsBudgetExceeded, "\(newNames) new names in a minute, \(budget.uniqueNamesPerMinute) allowed", at: now)
            }
            guard randomNames < DNSBudget.randomNames else {
                return refuse(
                    domain, .dnsTunnelSuspected,
                    "\(randomNames) names with random labels (\(budget.labelEntropyBits) bits a character or more) in an hour",
                    at: now)
            }
            guard remember(name.text.hashValue) else {
                return NameBudget.Excess(
                    reason: .dnsBudgetExceeded,
                    detail: "\(domain): more than \(DNSBudget.rememberedPerZone) names and addresses in an hour")
            }
        }
        return spent(in: domain, budget, at: now)
    }

    mutating func askRefusedType(_ name: HostName, in domain: Substring, at now: Timestamp) -> NameBudget.Excess? {
        if let refusal = refusal(of: domain, at: now) { return refusal }
        turnPages(at: now)
        // Apart from names that were asked for by an allowed type.
        let hash = ~name.text.hashValue
        let isNew = !isKnown(hash)
        if isNew { _ = remember(hash) }
        refusedTypePoints += isNew ? DNSBudget.newRefusedTypePoints : 1
        guard refusedTypePoints >= DNSBudget.refusedTypePointsPerMinute else { return nil }
        return refuse(domain, .dnsTunnelSuspected, "questions of refused types again and again within a minute", at: now)
    }

    mutating func hear(
        _ addresses: [IPAddress], _ services: [DNSServiceBinding], in domain: Substring, _ budget: DNSBudget,
        at now: Timestamp
    ) -> NameBudget.Excess? {
        // What was asked before the zone was refused is not answered any more.
        if let refusal = refusal(of: domain, at: now) { return refusal }
        turnPages(at: now)
        // That it is answered so tells something, too.
        bytes += DNSBudget.repeatBytes
        for address in addresses { bytes += cost(address.hashValue, byteCount: address.byteCount) }
        for service in services {
            var data: [UInt8] = []
            service.append(to: &data)
            bytes += cost(data.hashValue, byteCount: data.count)
        }
        return spent(in: domain, budget, at: now)
    }

    private mutating func spent(in domain: Substring, _ budget: DNSBudget, at now: Timestamp) -> NameBudget.Excess? {
        guard bytes > budget.bytesPerZonePerHour else { return nil }
        return refuse(domain, .dnsBudgetExceeded, "\(bytes) bytes in an hour, \(budget.bytesPerZonePerHour) allowed", at: now)
    }

    private mutating func refuse(
        _ domain: Substring, _ reason: Reason, _ numbers: String, at now: Timestamp
    ) -> NameBudget.Excess {
        refusedUntil = now.advanced(bySeconds: DNSBudget.refusalSeconds)
        refusalReason = reason
        return NameBudget.Excess(
            reason: reason, detail: "\(domain): \(numbers); refused for \(DNSBudget.refusalSeconds) s")
    }

    private mutating func turnPages(at now: Timestamp) {
        if now >= minuteEnd {
            minuteEnd = now.advanced(bySeconds: 60)
            newNames = 0
            refusedTypePoints = 0
        }
        guard now >= hourEnd else { return }
        rememberedBefore = now >= hourEnd.advanced(bySeconds: 3600) ? [] : remembered
        remembered = []
        hourEnd = now.advanced(bySeconds: 3600)
        bytes = 0
        randomNames = 0
    }

    private mutating func isKnown(_ hash: Int) -> Bool {
        if remembered.contains(hash) { return true }
        guard rememberedBefore.contains(hash) else { return false }
        return remember(hash)
    }

    private mutating func remember(_ hash: Int) -> Bool {
        guard remembered.count < DNSBudget.rememberedPerZone else { return false }
        remembered.insert(hash)
        return true
    }

    private mutating func cost(_ hash: Int, byteCount: Int) -> Int {
        if isKnown(hash) { return DNSBudget.repeatBytes }
        _ = remember(hash)
        return byteCount
    }

    private func hasRandomLabel(_ name: HostName, below domain: Substring, _ budget: DNSBudget) -> Bool {
        let labels = name.text.utf8.count - domain.utf8.count
        guard labels > DNSBudget.longLabelBytes else { return false }
        for label in name.text.prefix(labels).split(separator: ".") where label.utf8.count >= DNSBudget.longLabelBytes {
            if LabelEntropy.bits(of: label) >= budget.labelEntropyBits { return true }
        }
        return false
    }
}

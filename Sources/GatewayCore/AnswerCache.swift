package import WireFormats

/// Addresses that one agent was given for a name, for as long as their lifetime runs: the same question again is answered
/// at once, and nobody outside hears of it.
///
/// Holds nothing but what was pinned and released; a pin outlives its entry. Looked up by the question's bytes as they lie
/// in the query: a hit allocates nothing.
package struct AnswerCache: Sendable {
    /// An answer, and what was decided upon it.
    package struct Entry: Sendable {
        package var addresses: [IPAddress]
        /// What is logged when it is given again. The policy of a running gateway does not change, so neither does this.
        package var decision: Decision
        /// The zone whose budget has to have room, as ``NameBudget`` calls it.
        package var domain: Substring
        package var expiry: Timestamp

        package init(addresses: [IPAddress], decision: Decision, domain: Substring, expiry: Timestamp) {
            self.addresses = addresses
            self.decision = decision
            self.domain = domain
            self.expiry = expiry
        }

        /// What is left of its lifetime in whole seconds; `nil` for less than one.
        func timeToLive(at now: Timestamp) -> UInt32? {
            guard expiry > now else { return nil }
            let seconds = (expiry.nanoseconds - now.nanoseconds) / 1_000_000_000
            return seconds > 0 ? UInt32(truncatingIfNeeded: seconds) : nil
        }
    }

    private struct Key: Hashable {
        var hash: Int
        var type: DNSRecordType
    }

    private struct Slot {
        var name: [UInt8]
        var entry: Entry
    }

    /// Of two names with one hash the later has the place, and the earlier is asked for again.
    private var slots: [Key: Slot] = [:]

    package init() {}

    /// Keeps an answer; drops it at the limits, where the next question asks the resolver again.
    ///
    /// - Parameters:
    ///   - name: as it lies in the question, in any spelling.
    ///   - hash: the name's ``DNSName/hash(_:)``.
    package mutating func keep(
        _ entry: Entry, for name: Span<UInt8>, hash: Int, _ type: DNSRecordType, at now: Timestamp
    ) {
        guard !entry.addresses.isEmpty, entry.expiry > now, entry.addresses.count <= Limits.cachedAddressesPerAnswer
        else { return }
        if slots.count >= Limits.cachedAnswers {
            slots = slots.filter { $0.value.entry.expiry > now }
            guard slots.count < Limits.cachedAnswers else { return }
        }
        slots[Key(hash: hash, type: type)] = Slot(name: DNSName.lowered(name), entry: entry)
    }

    /// - Returns: the answer to the same question in any spelling, and what is left of its lifetime in whole seconds, which
    ///   is never 0.
    package func answer(
        for name: Span<UInt8>, hash: Int, _ type: DNSRecordType, at now: Timestamp
    ) -> (entry: Entry, timeToLive: UInt32)? {
        guard let slot = slots[Key(hash: hash, type: type)], DNSName.isSpelling(name, of: slot.name),
            let timeToLive = slot.entry.timeToLive(at: now)
        else { return nil }
        return (slot.entry, timeToLive)
    }

    /// The same for a name that does not come from a question.
    func answer(for name: HostName, _ type: DNSRecordType, at now: Timestamp) -> (entry: Entry, timeToLive: UInt32)? {
        var bytes: [UInt8] = []
        DNSName.append(name, to: &bytes)
        return answer(for: bytes.span, hash: DNSName.hash(bytes.span), type, at: now)
    }
}

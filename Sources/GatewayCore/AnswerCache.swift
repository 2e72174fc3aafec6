internal import WireFormats

/// Addresses that one agent was given for a name, for as long as their lifetime runs: the same question again is answered
/// at once, and nobody outside hears of it.
///
/// Holds nothing but what was pinned and released; a pin outlives its entry.
struct AnswerCache: Sendable {
    private struct Key: Hashable {
        var name: HostName
        var type: DNSRecordType
    }

    private struct Entry {
        var addresses: [IPAddress]
        var expiry: Timestamp
    }

    private var entries: [Key: Entry] = [:]

    /// Keeps an answer; drops it at the limits, where the next question asks the resolver again.
    ///
    /// - Parameter timeToLive: in seconds, as the agent was told.
    mutating func keep(
        _ addresses: [IPAddress], for name: HostName, _ type: DNSRecordType, timeToLive: UInt32, at now: Timestamp
    ) {
        guard !addresses.isEmpty, timeToLive > 0, addresses.count <= Limits.cachedAddressesPerAnswer else { return }
        if entries.count >= Limits.cachedAnswers {
            entries = entries.filter { $0.value.expiry > now }
            guard entries.count < Limits.cachedAnswers else { return }
        }
        entries[Key(name: name, type: type)] = Entry(
            addresses: addresses, expiry: now.advanced(bySeconds: UInt64(timeToLive)))
    }

    /// - Returns: the addresses, and what is left of their lifetime in whole seconds, which is never 0.
    func answer(
        for name: HostName, _ type: DNSRecordType, at now: Timestamp
    ) -> (addresses: [IPAddress], timeToLive: UInt32)? {
        guard let entry = entries[Key(name: name, type: type)], entry.expiry > now else { return nil }
        let seconds = (entry.expiry.nanoseconds - now.nanoseconds) / 1_000_000_000
        return seconds > 0 ? (entry.addresses, UInt32(truncatingIfNeeded: seconds)) : nil
    }
}

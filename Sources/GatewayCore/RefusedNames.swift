package import WireFormats

/// Names that the policy refused to one agent, with what it was told and what was logged: the same again costs neither a
/// verdict nor an allocation.
///
/// The policy of a running gateway does not change, and a refused name touches no budget, so an entry is good for ever.
package struct RefusedNames: Sendable {
    package struct Entry: Sendable {
        package var response: DNSResponse
        package var decision: Decision

        package init(response: DNSResponse, decision: Decision) {
            self.response = response
            self.decision = decision
        }
    }

    private struct Slot {
        var name: [UInt8]
        var entry: Entry
    }

    /// By the name's hash. Of two names with the same the later has the place.
    private var slots: [Int: Slot] = [:]

    package init() {}

    /// - Parameters:
    ///   - name: as it lies in the question, in any spelling.
    ///   - hash: the name's ``DNSName/hash(_:)``.
    package mutating func keep(_ entry: Entry, for name: Span<UInt8>, hash: Int) {
        // All at once: an agent that makes up names pays for each of them more than this.
        if slots.count >= Limits.rememberedRefusals { slots.removeAll(keepingCapacity: true) }
        slots[hash] = Slot(name: DNSName.lowered(name), entry: entry)
    }

    package func entry(for name: Span<UInt8>, hash: Int) -> Entry? {
        guard let slot = slots[hash], DNSName.isSpelling(name, of: slot.name) else { return nil }
        return slot.entry
    }

    package var count: Int { slots.count }
}

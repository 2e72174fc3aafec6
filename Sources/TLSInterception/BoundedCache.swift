/// A dictionary of bounded size that forgets the entry unused for the longest time. Every operation takes constant time.
struct BoundedCache<Key: Hashable, Value> {
    private struct Node {
        let key: Key
        var value: Value
        var newer: Int
        var older: Int
    }

    private static var none: Int { -1 }

    let capacity: Int
    private var slots: [Key: Int] = [:]
    private var nodes: [Node?] = []
    private var free: [Int] = []
    private var newest = -1
    private var oldest = -1

    /// - Parameter capacity: entries, at least 1.
    init(capacity: Int) {
        precondition(capacity >= 1)
        self.capacity = capacity
    }

    var count: Int { slots.count }

    /// The value, which becomes the one used last.
    mutating func value(for key: Key) -> Value? {
        guard let slot = slots[key], let node = nodes[slot] else { return nil }
        if slot != newest {
            unlink(slot)
            link(slot)
        }
        return node.value
    }

    mutating func insert(_ value: Value, for key: Key) {
        if let slot = slots[key] {
            nodes[slot]?.value = value
            unlink(slot)
            link(slot)
            return
        }
        if slots.count == capacity, oldest != Self.none, let last = nodes[oldest] { remove(last.key) }
        let node = Node(key: key, value: value, newer: Self.none, older: Self.none)
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            nodes[slot] = node
        } else {
            slot = nodes.count
            nodes.append(node)
        }
        slots[key] = slot
        link(slot)
    }

    @discardableResult
    mutating func remove(_ key: Key) -> Value? {
        guard let slot = slots.removeValue(forKey: key), let node = nodes[slot] else { return nil }
        unlink(slot)
        nodes[slot] = nil
        free.append(slot)
        return node.value
    }

    private mutating func unlink(_ slot: Int) {
        guard let node = nodes[slot] else { return }
        if node.newer == Self.none { newest = node.older } else { nodes[node.newer]?.older = node.older }
        if node.older == Self.none { oldest = node.newer } else { nodes[node.older]?.newer = node.newer }
    }

    /// Puts an unlinked node at the newest end.
    private mutating func link(_ slot: Int) {
        nodes[slot]?.newer = Self.none
        nodes[slot]?.older = newest
        if newest != Self.none { nodes[newest]?.newer = slot }
        newest = slot
        if oldest == Self.none { oldest = slot }
    }
}

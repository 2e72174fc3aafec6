/// The ports a rule covers.
package struct PortSet: Hashable, Sendable {
    /// Disjoint and in order.
    package let ranges: [ClosedRange<UInt16>]

    /// HTTP and HTTPS, what a host rule without `ports` covers.
    package static let web = PortSet([80...80, 443...443])
    package static let all = PortSet([1...UInt16.max])

    /// Overlapping and adjoining ranges are joined.
    package init(_ ranges: [ClosedRange<UInt16>]) {
        var joined: [ClosedRange<UInt16>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = joined.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 {
                joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        self.ranges = joined
    }

    package func contains(_ port: UInt16) -> Bool {
        for range in ranges where range.contains(port) { return true }
        return false
    }
}

extension PortSet: CustomStringConvertible {
    package var description: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ")
    }
}

/// How many critical findings about an agent within what time seal it: `3 within 60s`.
package struct FindingThreshold: Hashable, Sendable {
    /// From 1 to ``PolicyLimits/criticalFindings``.
    package let count: Int
    /// From 1 to ``PolicyLimits/findingWindowSeconds``.
    package let seconds: UInt64

    package init(count: Int, seconds: UInt64) {
        self.count = count
        self.seconds = seconds
    }
}

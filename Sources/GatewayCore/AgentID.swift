/// One guarded agent. Pins, connections and budgets belong to an agent and are never shared with another.
package struct AgentID: Hashable, Sendable {
    package var number: UInt32

    package init(number: UInt32) {
        self.number = number
    }
}

extension AgentID: CustomStringConvertible {
    package var description: String { "\(number)" }
}

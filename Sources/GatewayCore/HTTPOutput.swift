/// What one event made of an HTTP exchange: bytes for either side, and commands. Kept and emptied between events, so
/// that the steady state allocates nothing.
package struct HTTPOutput: Sendable {
    package var toAgent: [UInt8] = []
    package var toUpstream: [UInt8] = []
    package var commands: [HTTPCommand] = []

    package init() {}

    package mutating func removeAll() {
        toAgent.removeAll(keepingCapacity: true)
        toUpstream.removeAll(keepingCapacity: true)
        commands.removeAll(keepingCapacity: true)
    }
}

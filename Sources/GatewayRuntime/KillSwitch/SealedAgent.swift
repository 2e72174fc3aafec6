internal import GatewayCore

/// One agent as the kill switch has it. Confined to its thread.
struct SealedAgent {
    let name: String
    let id: AgentID
    let seal: AgentSeal
    /// Connection tracking's marks of its flows in shared namespaces.
    let flows: [UInt32]
    let places: [SealPlace]
    let box: Box

    /// A machine cannot be copied; it stays here.
    final class Box {
        var machine: SealMachine

        init(agent: String, id: AgentID) { machine = SealMachine(agent: agent, id: id) }
    }

    init(name: String, id: AgentID, seal: AgentSeal, flows: [UInt32], places: [SealPlace]) {
        self.name = name
        self.id = id
        self.seal = seal
        self.flows = flows
        self.places = places
        box = Box(agent: name, id: id)
    }
}

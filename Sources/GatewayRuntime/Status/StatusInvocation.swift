internal import LinuxKernel
internal import WireFormats

/// `portcullis status`, from its arguments to its exit code.
package struct StatusInvocation: Sendable {
    package var isJSON: Bool

    package init(isJSON: Bool) { self.isJSON = isJSON }

    /// - Returns: the exit code: 0, 1 when it cannot be told, 3 when the kernel does not say what the records say.
    package func perform(fail: (String) -> Void, print: (String) -> Void) -> Int32 {
        guard ProcessSettings.isRoot else {
            fail("status needs root, to read what the gateways say of themselves; call it with sudo")
            return 1
        }
        let running = GatewayStatus.running()
        let agents = AgentStatus.all(running)
        if isJSON {
            json(agents, running).forEach(print)
        } else {
            print(AgentStatus.text(agents))
        }
        let wrong = agents.filter { !$0.isAgreed }
        for agent in wrong {
            let record = agent.record == nil ? "no seal is on record" : "a seal is on record"
            fail("\(agent.name): \(record), and the kernel says: \(agent.kernel.words)")
        }
        return wrong.isEmpty ? 0 : 3
    }

    /// The objects that the gateways wrote when they started, each with its agents' seals; before them one for the agents
    /// without a gateway that runs, if there are any.
    private func json(_ agents: [AgentStatus], _ running: [GatewayStatus.Running]) -> [String] {
        var lines: [String] = []
        let others = agents.filter { agent in !running.contains { $0.process == agent.gateway?.process } }
        if !others.isEmpty { lines.append("{\"pid\":null,\"seals\":\(Self.array(others))}") }
        for gateway in running where gateway.json.hasSuffix("}") {
            let own = agents.filter { $0.gateway?.process == gateway.process }
            lines.append("\(gateway.json.dropLast()),\"seals\":\(Self.array(own))}")
        }
        return lines
    }

    private static func array(_ agents: [AgentStatus]) -> String {
        var json = JSONText()
        json.beginArray()
        for agent in agents { agent.append(to: &json) }
        json.endArray()
        return json.text
    }
}

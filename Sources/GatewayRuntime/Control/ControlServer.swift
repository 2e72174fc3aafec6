internal import GatewayCore
internal import LinuxKernel
internal import NIOPosix
internal import Policy
internal import Synchronization
internal import WireFormats

/// Answers operators over ``ControlSocket``, as HTTP, one after the other: curl(1) is client enough.
///
///     curl --unix-socket /run/portcullis/control.sock -d agent=claude -d reason=… http://portcullis/v1/drop
final class ControlServer: Sendable {
    /// One of the gateway's agents.
    struct Agent: Sendable {
        var name: String
        var id: AgentID
        var user: Set<UInt32>
        var seal: AgentSeal
        var pins: PinStore
    }

    private let agents: [Agent]
    private let orders: SealOrders
    private let group: UInt32?
    private let socket: Mutex<ControlSocket?>
    private let store = SealStore.standard

    /// The service's.
    static let path = "/run/portcullis/control.sock"

    /// A jail's.
    static func path(ofJailOf process: Int32) -> String { "/run/portcullis/control.\(process).sock" }

    /// Bytes of a request; none of ours is longer.
    private static let requestBytes = 16 * 1024
    /// How long an order may take to come, and to be carried out, in milliseconds, before its asker is told that it has not
    /// been.
    private static let patience = 2000

    init(_ socket: consuming sending ControlSocket, group: UInt32?, agents: [Agent], orders: SealOrders) {
        self.socket = Mutex(socket)
        self.group = group
        self.agents = agents
        self.orders = orders
    }

    /// Starts the thread. Without it the gateway goes on: there are other ways to seal.
    func start() {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        pool.submit { [self] _ in
            guard let socket = socket.withLock({ $0.take() }) else { return }
            while let connection = try? socket.accept(milliseconds: Self.patience) { serve(connection) }
            try? LineOutput.standardError.write("portcullis: the control socket is closed: orders go by `portcullis drop`\n")
        }
    }

    private func serve(_ connection: borrowing ControlSocket.Connection) {
        ControlMessage.serve(
            connection, limit: Self.requestBytes, incomplete: "no whole request came, or one that is too long"
        ) { head, body throws(ControlOrder.Refusal) in
            // Not before: a client that is refused before it has asked takes it for no answer.
            try admit(connection)
            return try carryOut(
                .read(method: head.methodText, target: head.targetText, body: body), by: connection.user)
        }
    }

    /// An agent's own user is never an operator, whatever groups it is in.
    private func admit(_ connection: borrowing ControlSocket.Connection) throws(ControlOrder.Refusal) {
        let isAgent = agents.contains { $0.user.contains(connection.user) }
        let isOperator = connection.user == 0 || group.map(connection.groups.contains) ?? false
        guard isOperator, !isAgent else { throw ControlOrder.Refusal(status: 403, words: "that is for operators") }
    }

    private func carryOut(_ order: ControlOrder, by user: UInt32) throws(ControlOrder.Refusal) -> String {
        let now = MonotonicClock.wallNanoseconds
        switch order {
        case .status: return status()
        case .pins(let name): return pins(of: try agent(name))
        case .heartbeat(let seconds):
            orders.post(.heartbeat(seconds: seconds))
            return ControlMessage.json { $0.member("heartbeat", true) }
        case .drop(let name, let reason):
            let chosen = try name.map { name throws(ControlOrder.Refusal) in [try agent(name)] } ?? agents
            let cause = SealCause(.control, reason: reason, uid: user, at: now)
            orders.post(.seal(name == nil ? nil : chosen[0].id, cause))
            try wait("not sealed") { chosen.allSatisfy { $0.seal.isSealed && store.isSealed($0.name) } }
            return status()
        case .raise(let name, let reason):
            let chosen = try name.map { name throws(ControlOrder.Refusal) in [try agent(name)] } ?? agents
            guard !store.has(SealStore.everybody) else {
                throw ControlOrder.Refusal(status: 409, words: "everybody is sealed: `portcullis raise --all --reason TEXT`")
            }
            orders.post(.raise(name == nil ? nil : chosen[0].id, SealCause(.control, reason: reason, uid: user, at: now)))
            try wait("not raised: is a sentinel there?") { chosen.allSatisfy { !$0.seal.isSealed } }
            return status()
        }
    }

    private func agent(_ name: String) throws(ControlOrder.Refusal) -> Agent {
        guard let agent = agents.first(where: { $0.name == name }) else {
            throw ControlOrder.Refusal(status: 404, words: "there are: \(agents.map(\.name).joined(separator: ", "))")
        }
        return agent
    }

    private func wait(_ failure: String, until condition: () -> Bool) throws(ControlOrder.Refusal) {
        for _ in 0..<Self.patience {
            if condition() { return }
            MonotonicClock.sleep(milliseconds: 1)
        }
        throw ControlOrder.Refusal(status: 504, words: failure)
    }

    // MARK: Answers

    private func status() -> String {
        ControlMessage.json { json in
            json.key("agents")
            json.beginArray()
            for agent in agents {
                json.beginObject()
                json.member("name", agent.name)
                json.member("sealed", agent.seal.isSealed)
                if let cause = store.record(of: agent.name)?.cause { json.member("cause", cause.description) }
                json.endObject()
            }
            json.endArray()
        }
    }

    private func pins(of agent: Agent) -> String {
        let now = Timestamp(nanoseconds: MonotonicClock.nanoseconds)
        let pins = agent.pins.read { $0.all(of: agent.id, at: now) }
        return ControlMessage.json { json in
            json.member("agent", agent.name)
            json.key("pins")
            json.beginArray()
            for pin in pins {
                json.beginObject()
                json.member("name", pin.name.text)
                json.member("address", pin.address.description)
                json.member("seconds_left", pin.secondsLeft)
                json.endObject()
            }
            json.endArray()
        }
    }
}

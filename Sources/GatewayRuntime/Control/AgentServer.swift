internal import LinuxKernel
internal import NIOPosix
internal import Synchronization
internal import WireFormats

/// Answers agents' own tools one question, `GET /v1/sealed`: whether the one who asks is sealed. Nothing else is said there,
/// and nobody else is answered.
///
/// It serves one connection at a time, on a thread of its own and for a short while only: whoever keeps it busy keeps
/// agents' tools waiting, who then take it for a refusal, and no operator.
final class AgentServer: Sendable {
    /// One of the gateway's agents, and who belongs to it.
    struct Agent: Sendable {
        var name: String
        var seal: AgentSeal
        var peers: Peers
    }

    enum Peers: Hashable, Sendable {
        /// Nobody else can reach the socket.
        case everybody
        case users(Set<UInt32>)
        /// Below the root of the unified hierarchy; with those below it.
        case cgroup(String)
        /// What it sends from cannot be told by a process's being there.
        case nobody
    }

    private let agents: [Agent]
    private let socket: Mutex<ControlSocket?>
    private let store = SealStore.standard

    /// The service's, and every jail's as it is seen inside.
    static let path = "/run/portcullis/agent.sock"

    /// Where a jail's is until the jail has it.
    static func path(ofJailOf process: Int32) -> String { "/run/portcullis/agent.\(process).sock" }

    /// Bytes of a request; ours has some fifty.
    private static let requestBytes = 2048
    /// How long one step of a connection may take, and all of it, in milliseconds.
    private static let stepPatience = 100
    private static let patience: UInt64 = 200

    init(_ socket: consuming sending ControlSocket, agents: [Agent]) {
        self.socket = Mutex(socket)
        self.agents = agents
    }

    /// Opens the socket of a jail, which the jail's mounts take inside: its user's, and in nobody's way once
    /// the jail has it.
    static func socket(ofJailAt path: String, user: JailUser) throws -> ControlSocket {
        // Another gateway that ends at this very moment may take the empty folder away.
        for _ in 0..<20 {
            try StatusFolder.prepare(GatewayStatus.folder)
            if let socket = try? ControlSocket(at: path, owner: user.identifier, guests: .owner) { return socket }
        }
        return try ControlSocket(at: path, owner: user.identifier, guests: .owner)
    }

    /// Starts the thread.
    func start() {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        pool.submit { [self] _ in
            guard let socket = socket.withLock({ $0.take() }) else { return }
            while true {
                if let connection = try? socket.accept(milliseconds: Self.stepPatience) {
                    serve(connection)
                } else {
                    // Out of descriptors, say: that passes. Nobody is answered meanwhile, which is a refusal.
                    MonotonicClock.sleep(milliseconds: 100)
                }
            }
        }
    }

    private func serve(_ connection: borrowing ControlSocket.Connection) {
        ControlMessage.serve(
            connection, limit: Self.requestBytes, patience: Self.patience * 1_000_000, incomplete: "no whole request came in time"
        ) { head, body throws(ControlOrder.Refusal) in
            guard head.methodText == "GET", head.targetText == "/v1/sealed", body.isEmpty else {
                throw ControlOrder.Refusal(status: 404, words: "there is GET /v1/sealed")
            }
            let isSealed = try isSealed(connection)
            return ControlMessage.json { $0.member("sealed", isSealed) }
        }
    }

    /// Who belongs to several agents is sealed with any of them.
    private func isSealed(_ connection: borrowing ControlSocket.Connection) throws(ControlOrder.Refusal) -> Bool {
        let user = connection.user
        let cgroup = CgroupPath.path(ofProcess: connection.process)
        let own = agents.filter { Self.contains($0.peers, user: user, cgroup: cgroup) }
        guard !own.isEmpty else { throw ControlOrder.Refusal(status: 403, words: "you are none of the agents that are guarded here") }
        return own.contains { $0.seal.isSealed || store.isSealed($0.name) }
    }

    /// - Parameter cgroup: that the peer's process is in; `nil` when that cannot be told.
    static func contains(_ peers: Peers, user: UInt32, cgroup: String?) -> Bool {
        switch peers {
        case .everybody: true
        case .users(let users): users.contains(user)
        case .cgroup(let path): cgroup.map { $0 == path || $0.hasPrefix(path + "/") } ?? false
        case .nobody: false
        }
    }
}

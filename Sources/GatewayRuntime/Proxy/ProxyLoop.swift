internal import GatewayCore
internal import LinuxKernel
internal import NIOCore

/// What the connections of one event loop share: idle upstream connections, scratch memory, deadlines. Confined to its loop.
@safe final class ProxyLoop {
    let settings: ProxySettings
    let eventLoop: any EventLoop
    let pool = UpstreamPool()
    /// Plaintext on its way from a session to the HTTP machine; nobody keeps a pointer into it.
    // SAFETY: one read at a time uses it, on the loop's thread.
    let scratch: UnsafeMutableRawBufferPointer
    let sendMemory = SendMemory()
    private var spareOutputs: [HTTPOutput] = []
    private var connections: [ObjectIdentifier: any Timed] = [:]
    private(set) var flowCount = 0
    private var nameConnectionCount = 0

    init(settings: ProxySettings, eventLoop: any EventLoop) {
        self.settings = settings
        self.eventLoop = eventLoop
        // Freed never: a loop lives as long as the process.
        unsafe scratch = .allocate(byteCount: Limits.scratchBytes, alignment: 16)
    }

    var now: Timestamp { Timestamp(nanoseconds: MonotonicClock.nanoseconds) }

    /// An empty output; give it back with ``giveBack(_:)``.
    func takeOutput() -> HTTPOutput { spareOutputs.popLast() ?? HTTPOutput() }

    func giveBack(_ output: consuming HTTPOutput) {
        var output = output
        output.removeAll()
        if spareOutputs.count < 4 { spareOutputs.append(output) }
    }

    /// - Returns: false at the limit: the flow must be refused.
    func register(_ connection: any Timed, isFlow: Bool) -> Bool {
        if isFlow {
            guard flowCount < settings.flowLimit else { return false }
            flowCount += 1
        }
        connections[ObjectIdentifier(connection)] = connection
        return true
    }

    func unregister(_ connection: any Timed, isFlow: Bool) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil, isFlow else { return }
        flowCount -= 1
    }

    /// DNS connections count as flows, and have a limit of their own below that.
    func registerNames(_ connection: NameConnection) -> Bool {
        guard nameConnectionCount < Limits.nameConnections, register(connection, isFlow: true) else { return false }
        nameConnectionCount += 1
        return true
    }

    func unregisterNames(_ connection: NameConnection) {
        let before = flowCount
        unregister(connection, isFlow: true)
        nameConnectionCount -= before - flowCount
    }

    /// Ends what has waited too long. One pass a second over all connections costs less than a timer for each request.
    func startDeadlines() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            let loop = bound.value
            let now = loop.now
            for connection in loop.connections.values where connection.deadline < now { connection.deadlinePassed() }
        }
    }
}

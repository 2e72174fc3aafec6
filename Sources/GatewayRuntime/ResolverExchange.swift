internal import GatewayCore
internal import LinuxKernel

/// One question on its way: the first resolver, the next after two seconds of silence, TCP when an answer was cut.
///
/// Confined to the packets thread.
final class ResolverExchange {
    let question: ResolverQuestion
    var isDone = false
    /// Why nothing was heard, for the log.
    private(set) var failure = "no resolver answered in time"

    private let resolvers: [SocketAddress]
    /// Of the sockets that ask.
    private let mark: UInt32
    private let startedAt: Timestamp
    private var attempts = 0
    private var datagrams: ResolverSocket?
    private var stream: ResolverStream?

    init(question: ResolverQuestion, resolvers: [SocketAddress], mark: UInt32, startedAt: Timestamp) {
        self.question = question
        self.resolvers = resolvers
        self.mark = mark
        self.startedAt = startedAt
    }

    /// -1 is passed over by poll(2).
    var pollDescriptor: Int32 { stream?.pollDescriptor ?? datagrams?.pollDescriptor ?? -1 }

    var wantsToWrite: Bool { stream?.wantsToWrite ?? false }

    /// - Returns: false when no resolver is left, or none can be asked.
    func askNext() -> Bool {
        while attempts < resolvers.count {
            let resolver = resolvers[attempts]
            attempts += 1
            do {
                datagrams = try ResolverSocket(asking: resolver, question.message, mark: mark)
                return true
            } catch {
                failure = "\(error)"
            }
        }
        if resolvers.isEmpty { failure = "no resolver is configured" }
        return false
    }

    func askOverTCP() {
        guard stream == nil, attempts > 0 else { return }
        do {
            stream = try ResolverStream(asking: resolvers[attempts - 1], question.message, mark: mark)
        } catch {
            failure = "\(error)"
        }
    }

    /// The next resolver is asked at once, by ``goOn(at:)``.
    func giveUpOnResolver(because reason: String) {
        failure = reason
        stream = nil
        datagrams = nil
    }

    func receive() -> [UInt8]? {
        do {
            if stream != nil { return try stream?.receive() }
            return try datagrams?.receive()
        } catch {
            // An unreachable resolver says so at once: the next one is asked without waiting.
            failure = "\(error)"
            stream = nil
            datagrams = nil
            return nil
        }
    }

    /// - Returns: false when the question has failed.
    func goOn(at now: Timestamp) -> Bool {
        let elapsed = now.nanoseconds &- startedAt.nanoseconds
        guard elapsed < GatewayCore.Limits.resolverTimeoutSeconds * 1_000_000_000 else { return false }
        if datagrams == nil && stream == nil { return askNext() }
        if stream == nil, elapsed > UInt64(attempts) * 2_000_000_000, attempts < resolvers.count { return askNext() }
        return true
    }
}

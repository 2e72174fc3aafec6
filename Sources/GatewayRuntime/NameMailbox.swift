internal import LinuxKernel
internal import Synchronization

/// DNS queries on their way from the proxy's loops, where agents' TCP connections are, to the packets thread, which judges
/// every query. Answers come back through the query's own closure, on the packets thread.
///
/// Bounded: a full box takes nothing.
final class NameMailbox: Sendable {
    /// What becomes of a query.
    enum Answer: Sendable {
        /// A DNS message; after the last one the connection is not to be read any further.
        case message([UInt8], isLast: Bool)
        /// Nothing can be said: close the connection.
        case nothing
    }

    struct Query: Sendable {
        var message: [UInt8]
        var answer: @Sendable (Answer) -> Void
    }

    private let waiting = Mutex<[Query]>([])
    private let bell: WakeUp

    init() throws(SystemCallError) {
        bell = try WakeUp()
    }

    /// Readable while queries wait.
    var pollDescriptor: Int32 { bell.pollDescriptor }

    /// - Returns: false when the box is full: the query was not taken.
    func post(_ query: Query) -> Bool {
        let before = waiting.withLock { queries -> Int in
            guard queries.count < Limits.waitingNameQueries else { return Limits.waitingNameQueries }
            queries.append(query)
            return queries.count - 1
        }
        // Whoever put in the first one has rung.
        if before == 0 { bell.ring() }
        return before < Limits.waitingNameQueries
    }

    /// Empties the box.
    func takeAll() -> [Query] {
        // Before the box is read: what is put in after that rings again.
        bell.clear()
        return waiting.withLock { queries in
            defer { queries = [] }
            return queries
        }
    }
}

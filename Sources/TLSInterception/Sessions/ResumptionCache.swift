internal import Synchronization

/// Sessions that clients may resume, at most ``Limits/resumableSessions``, in memory only.
final class ResumptionCache: Sendable {
    private let sessions: Mutex<BoundedCache<ResumptionKey, ResumableSession>>

    /// - Parameter capacity: sessions kept.
    init(capacity: Int = Limits.resumableSessions) {
        sessions = Mutex(BoundedCache(capacity: capacity))
    }

    var count: Int { sessions.withLock { $0.count } }

    /// The session to resume, unless what it stands on has expired.
    func session(for key: ResumptionKey, at now: UnixTime) -> ResumableSession? {
        sessions.withLock { cache in
            guard let found = cache.value(for: key) else { return nil }
            guard now < found.verifiedUntil else {
                cache.remove(key)
                return nil
            }
            if found.isSingleUse { cache.remove(key) }
            return found
        }
    }

    func insert(_ session: ResumableSession, for key: ResumptionKey) {
        guard session.bytes.count <= Limits.resumableSessionBytes else { return }
        sessions.withLock { $0.insert(session, for: key) }
    }
}

internal import CLinux
internal import Glibc

/// Waits for descriptors (poll(2)). For a handful of them; the array is kept between calls.
package struct EventPoll: ~Copyable {
    private var entries: [pollfd] = []

    package init() {}

    package mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    /// - Parameter forWriting: also wake when the descriptor takes bytes, as one that connects does in the end.
    package mutating func watch(_ descriptor: Int32, forWriting: Bool = false) {
        entries.append(pollfd(fd: descriptor, events: Int16(POLLIN | (forWriting ? POLLOUT : 0)), revents: 0))
    }

    /// - Parameter milliseconds: -1 to wait for ever.
    package mutating func wait(milliseconds: Int32) throws(SystemCallError) {
        // SAFETY: the array and its count belong together.
        let result = unsafe poll(&entries, nfds_t(entries.count), milliseconds)
        guard result >= 0 || errno == EINTR else { throw .last("poll") }
    }

    /// Whether the descriptor at this place has something to say, an error included.
    package func isReady(at index: Int) -> Bool { entries[index].revents != 0 }
}

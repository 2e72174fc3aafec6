internal import CLinux
internal import Glibc

/// A Unix socket that operators give orders to a gateway by, and agents' tools ask it by. Who they are the kernel says (unix(7), `SO_PEERCRED`).
package struct ControlSocket: ~Copyable, Sendable {
    private let listener: Descriptor

    /// One order on its way.
    package struct Connection: ~Copyable, Sendable {
        private let descriptor: Descriptor
        /// The process that opened it; 0 for one that cannot be seen from here. It may have ended since.
        package let process: Int32
        /// Whose process opened it: user, main group, and the groups it is in besides.
        package let user: UInt32
        package let groups: Set<UInt32>

        fileprivate init(_ descriptor: consuming Descriptor) throws(SystemCallError) {
            var process: Int32 = 0
            var user: UInt32 = .max
            var group: UInt32 = .max
            // SAFETY: three numbers.
            try SystemCallError.check(unsafe clinux_peer(descriptor.number, &process, &user, &group), "ask who gives an order")
            var list = [gid_t](repeating: 0, count: 1024)
            var length = socklen_t(list.count * MemoryLayout<gid_t>.size)
            // SAFETY: the array has room for `length` bytes. Who is in more groups is known by the main one alone.
            let asked = unsafe getsockopt(descriptor.number, SOL_SOCKET, SO_PEERGROUPS, &list, &length)
            self.process = process
            self.user = user
            groups = Set([group] + (asked == 0 ? list.prefix(Int(length) / MemoryLayout<gid_t>.size) : []))
            self.descriptor = descriptor
        }

        /// - Returns: what has come, at most `limit` bytes at a time; empty at the end, and when nothing came in time.
        package func receive(limit: Int) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: limit)
            // SAFETY: the kernel writes at most `count` bytes.
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe recv(descriptor.number, $0.baseAddress, $0.count, 0) }
            return Array(bytes.prefix(max(count, 0)))
        }

        package func send(_ bytes: [UInt8]) {
            var sent = 0
            while sent < bytes.count {
                // SAFETY: the range is inside the buffer.
                let count = unsafe bytes.withUnsafeBytes {
                    unsafe Glibc.send(
                        descriptor.number, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                sent += count
            }
        }
    }

    /// Who may connect.
    package enum Guests: Hashable, Sendable {
        case owner
        /// And members of a group.
        case group(UInt32)
        case everybody

        fileprivate var mode: UInt32 {
            switch self {
            case .owner: 0o600
            case .group: 0o660
            case .everybody: 0o666
            }
        }
    }

    /// Listens at a path, in the place of a socket that somebody has left there.
    ///
    /// - Parameters:
    ///   - owner: of the socket's file.
    package init(at path: String, owner: UInt32, guests: Guests) throws(SystemCallError) {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw .last("open the control socket") }
        let descriptor = Descriptor(owning: number)
        // SAFETY: the path is a NUL-terminated copy for the length of the calls.
        _ = unsafe unlink(path)
        // Nobody connects before the owner is set: the folder and the mode of the file keep others out.
        let before = umask(0o177)
        defer { umask(before) }
        try SystemCallError.check(unsafe clinux_bind_path(descriptor.number, path), "make the control socket \(path)")
        let group: UInt32 = if case .group(let number) = guests { number } else { 0 }
        guard unsafe chown(path, owner, group) == 0, unsafe chmod(path, guests.mode) == 0,
            listen(descriptor.number, 16) == 0
        else { throw .last("make the control socket \(path)") }
        listener = descriptor
    }

    /// Waits for the next order.
    ///
    /// - Parameter milliseconds: how long each step of it may keep the caller waiting.
    package func accept(milliseconds: Int) throws(SystemCallError) -> Connection {
        while true {
            let number = clinux_accept_waiting(listener.number)
            if number == -EINTR || number == -ECONNABORTED { continue }
            try SystemCallError.check(number, "take an order")
            let descriptor = Descriptor(owning: number)
            Self.limit(number, milliseconds)
            return try Connection(descriptor)
        }
    }

    /// Has no step of sending, receiving or connecting wait longer.
    private static func limit(_ number: Int32, _ milliseconds: Int) {
        var limit = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            // SAFETY: the structure is ours, and its size is given.
            _ = unsafe setsockopt(number, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// Gives an order and hears the answer, whole.
    ///
    /// - Parameters:
    ///   - limit: bytes of the answer; what is longer is cut.
    ///   - milliseconds: how long each step may take.
    package static func ask(
        _ path: String, _ order: [UInt8], limit: Int, milliseconds: Int
    ) throws(SystemCallError) -> [UInt8] {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw .last("open a socket") }
        let descriptor = Descriptor(owning: number)
        Self.limit(number, milliseconds)
        // SAFETY: the path is a NUL-terminated copy for the length of the call.
        try SystemCallError.check(unsafe clinux_connect_path(descriptor.number, path), "reach the gateway at \(path)")
        let connection = try Connection(descriptor)
        connection.send(order)
        var answer: [UInt8] = []
        while answer.count < limit {
            let more = connection.receive(limit: 64 * 1024)
            if more.isEmpty { break }
            answer += more
        }
        return answer
    }
}

internal import CLinux
internal import Glibc

/// The mark of a socket, which its packets bear (socket(7), `SO_MARK`): whose behalf it is on, even once no process holds it.
package enum SocketMark {
    /// The socket option, for channels.
    package static let option: (level: CInt, name: CInt) = (SOL_SOCKET, SO_MARK)

    /// As the ruleset's language writes it.
    static func text(_ mark: UInt32) -> String { "0x" + String(mark, radix: 16) }

    /// - Parameter mark: 0 to leave the socket as it is.
    static func set(_ mark: UInt32, on socket: Int32) throws(SystemCallError) {
        guard mark != 0 else { return }
        var value = mark
        // SAFETY: a number with its size.
        let result = unsafe setsockopt(socket, option.level, option.name, &value, socklen_t(MemoryLayout<UInt32>.size))
        guard result == 0 else { throw .last("mark a socket") }
    }
}

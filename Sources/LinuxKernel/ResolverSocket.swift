internal import CLinux
internal import Glibc
internal import WireFormats

/// One question's way to a resolver: a UDP socket of its own, so that each has a port of the kernel's choice (RFC 5452).
package struct ResolverSocket: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// Opens the socket and sends `message` to port 53 of `resolver`.
    package init(asking resolver: SocketAddress, _ message: [UInt8], mark: UInt32) throws(SystemCallError) {
        let number = socket(
            resolver.address.family == .v4 ? AF_INET : AF_INET6,
            Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw .last("open a resolver socket") }
        let socket = Descriptor(owning: number)
        try SocketMark.set(mark, on: number)
        var address = resolver
        // Connected: the kernel drops datagrams from anybody else, and reports unreachable resolvers.
        let connected = unsafe address.withPointer { pointer, length in unsafe connect(number, pointer, length) }
        guard connected == 0 else { throw .last("reach the resolver \(resolver)") }
        // SAFETY: the buffer outlives the call.
        let sent = unsafe message.withUnsafeBytes { unsafe send(number, $0.baseAddress, $0.count, 0) }
        guard sent == message.count else { throw .last("ask the resolver \(resolver)") }
        descriptor = socket
    }

    package var pollDescriptor: Int32 { descriptor.number }

    /// Reads one datagram.
    ///
    /// - Returns: `nil` when none waits.
    package func receive() throws(SystemCallError) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        // SAFETY: the kernel writes at most `count` bytes.
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe recv(descriptor.number, $0.baseAddress, $0.count, 0)
        }
        guard count >= 0 else {
            if errno == EAGAIN || errno == EINTR { return nil }
            throw .last("hear from the resolver")
        }
        buffer.removeLast(buffer.count - count)
        return buffer
    }
}

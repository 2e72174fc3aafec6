internal import CLinux
internal import Glibc
internal import WireFormats

/// A question over TCP (RFC 7766), for an answer that did not fit a datagram.
package struct ResolverStream: ~Copyable, Sendable {
    private let descriptor: Descriptor
    private var unsent: [UInt8]
    private var received: [UInt8] = []

    /// Starts to connect; the question goes out once the connection stands.
    package init(asking resolver: SocketAddress, _ message: [UInt8], mark: UInt32) throws(SystemCallError) {
        let number = socket(
            resolver.address.family == .v4 ? AF_INET : AF_INET6,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw .last("open a resolver connection") }
        let socket = Descriptor(owning: number)
        try SocketMark.set(mark, on: number)
        var address = resolver
        let connected = unsafe address.withPointer { pointer, length in unsafe connect(number, pointer, length) }
        guard connected == 0 || errno == EINPROGRESS else { throw .last("reach the resolver \(resolver) over TCP") }
        descriptor = socket
        unsent = []
        unsent.append(bigEndian: UInt16(truncatingIfNeeded: message.count))
        unsent += message
    }

    package var pollDescriptor: Int32 { descriptor.number }
    package var wantsToWrite: Bool { !unsent.isEmpty }

    /// Sends what is left and reads what has come.
    ///
    /// - Returns: one whole message, or `nil` when more must come.
    package mutating func receive() throws(SystemCallError) -> [UInt8]? {
        if !unsent.isEmpty {
            // SAFETY: the buffer outlives the call.
            let sent = unsafe unsent.withUnsafeBytes {
                unsafe send(descriptor.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent < 0 {
                if errno == EAGAIN || errno == ENOTCONN { return nil }
                throw .last("ask the resolver over TCP")
            }
            unsent.removeFirst(sent)
        }
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        // SAFETY: the kernel writes at most `count` bytes.
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor.number, $0.baseAddress, $0.count, 0) }
        if count < 0 {
            if errno == EAGAIN || errno == EINTR { return nil }
            throw .last("hear from the resolver over TCP")
        }
        guard count > 0 else { throw SystemCallError("hear from the resolver over TCP", number: ECONNRESET) }
        received += chunk[..<count]
        guard let length = received.span.bigEndianUInt16(at: 0) else { return nil }
        guard received.count >= 2 + Int(length) else { return nil }
        return Array(received[2..<(2 + Int(length))])
    }
}

internal import CLinux
internal import Glibc
package import WireFormats

/// TCP sockets that take redirected connections, and the question where those were going.
package enum TransparentListener {
    /// Opens a listening socket on `port` of every address of the thread's network namespace.
    ///
    /// - Parameters:
    ///   - backlog: connections the kernel completes before they are accepted; past it, SYNs are retried.
    ///   - mark: of the listener and of the connections that it takes.
    package static func open(
        _ family: IPAddress.Family, port: UInt16, backlog: Int32, mark: UInt32
    ) throws(SystemCallError) -> Descriptor {
        let number = socket(
            family == .v4 ? AF_INET : AF_INET6,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw .last("open a listener") }
        let descriptor = Descriptor(owning: number)
        try SocketMark.set(mark, on: number)
        if family == .v6 {
            var on: Int32 = 1
            // SAFETY: an Int32 with its size.
            let set = unsafe setsockopt(
                number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, socklen_t(MemoryLayout<Int32>.size))
            guard set == 0 else { throw .last("keep a listener to IPv6") }
        }
        var address = SocketAddress(family == .v4 ? IPAddress(v4: 0) : IPAddress(v6High: 0, low: 0), port: port)
        let bound = unsafe address.withPointer { pointer, length in unsafe bind(number, pointer, length) }
        guard bound == 0 else { throw .last("bind a listener to port \(port)") }
        guard listen(number, backlog) == 0 else { throw .last("listen on port \(port)") }
        return descriptor
    }

    /// The port that a listener was bound to.
    package static func port(of listener: borrowing Descriptor) throws(SystemCallError) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: the structure holds any address, and its size is given.
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(listener.number, $0, &length)
            }
        }
        guard result == 0, let address = SocketAddress(storage) else { throw .last("ask for a listener's port") }
        return address.port
    }

    /// The socket option that tells where a redirected connection was going: `SO_ORIGINAL_DST` of
    /// linux/netfilter_ipv4.h, `IP6T_SO_ORIGINAL_DST` of linux/netfilter_ipv6/ip6_tables.h; both are 80.
    package static func originalDestinationOption(_ family: IPAddress.Family) -> (level: CInt, name: CInt) {
        (family == .v4 ? CInt(IPPROTO_IP) : CInt(IPPROTO_IPV6), 80)
    }
}

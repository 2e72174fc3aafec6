internal import CLinux
internal import Glibc
package import WireFormats

/// Sends whole IP packets to the agent, from whatever source address they bear (raw(7), `IPPROTO_RAW`).
package struct RawPacketSender: ~Copyable, Sendable {
    private let v4: Descriptor
    private let v6: Descriptor

    /// Opens the sockets in the thread's network namespace. Needs CAP_NET_RAW.
    package init() throws(SystemCallError) {
        let forV4 = try Self.open(AF_INET)
        let forV6 = try Self.open(AF_INET6)
        v4 = forV4
        v6 = forV6
    }

    /// Opens the sockets and closes them again, to see whether that works.
    package static func probe() throws(SystemCallError) {
        let sender = try RawPacketSender()
        _ = sender.v4.number
    }

    private static func open(_ family: Int32) throws(SystemCallError) -> Descriptor {
        let number = socket(
            family, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            Int32(IPPROTO_RAW))
        guard number >= 0 else { throw .last("open a raw socket") }
        return Descriptor(owning: number)
    }

    /// Sends `packet`, header and all, to its destination.
    ///
    /// - Throws: also when the link's queue is full; the agent then asks again.
    package func send(_ packet: [UInt8], to destination: IPAddress) throws(SystemCallError) {
        var address = SocketAddress(destination, port: 0)
        let socket = destination.family == .v4 ? v4.number : v6.number
        let sent = unsafe address.withPointer { pointer, length in
            // SAFETY: the buffer and the address outlive the call.
            unsafe packet.withUnsafeBytes { unsafe sendto(socket, $0.baseAddress, $0.count, 0, pointer, length) }
        }
        guard sent == packet.count else { throw .last("send a packet to the agent") }
    }

    /// Sends whole packets, one behind the other, each to its own destination. What a full link does not take is lost;
    /// the agent asks again.
    ///
    /// - Parameter ends: where each packet ends.
    package func send(_ packets: [UInt8], ends: [UInt32]) {
        guard !ends.isEmpty else { return }
        // SAFETY: both arrays hold for the call; every packet has a whole IP header, for the packet plane wrote it.
        unsafe packets.withUnsafeBufferPointer { bytes in
            unsafe clinux_send_packets(v4.number, v6.number, bytes.baseAddress, ends, UInt32(ends.count))
        }
    }
}

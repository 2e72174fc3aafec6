internal import CLinux
internal import Glibc

/// A netlink socket for requests that are answered with an acknowledgement.
struct NetlinkSocket: ~Copyable {
    /// For what else is read from the socket; ``PacketQueue`` reads packets.
    let descriptor: Descriptor

    /// - Parameter family: `NETLINK_ROUTE` or `NETLINK_NETFILTER`; the socket belongs to the thread's network namespace.
    init(family: Int32) throws(SystemCallError) {
        let number = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), family)
        guard number >= 0 else { throw .last("open a netlink socket") }
        descriptor = Descriptor(owning: number)
    }

    /// Sends messages in one datagram and reads the acknowledgement of each that asked for one.
    ///
    /// - Parameter acknowledgements: how many messages carry `NLM_F_ACK`.
    /// - Throws: the first error the kernel answered.
    func transact(_ message: NetlinkMessage, acknowledgements: Int, _ operation: @autoclosure () -> String)
        throws(SystemCallError)
    {
        try send(message, operation())
        try acknowledge(acknowledgements, operation())
    }

    /// Reads so many acknowledgements. Allocates nothing where all is well.
    ///
    /// - Throws: the first error the kernel answered. What else it answered is read away, so that the next message's
    ///   answers are its own.
    func acknowledge(_ count: Int, _ operation: @autoclosure () -> String) throws(SystemCallError) {
        // SAFETY: the memory is read up to what the kernel has written.
        let failure: Int32 = unsafe withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 8) { reply in
            var left = count
            while left > 0 {
                let received = unsafe recv(descriptor.number, reply.baseAddress, reply.count, 0)
                guard received > 0 else { return errno }
                var offset = 0
                while offset + 20 <= received {
                    let length = unsafe Int(reply.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                    guard length >= 16, offset + length <= received else { break }
                    if unsafe reply.loadUnaligned(fromByteOffset: offset + 4, as: UInt16.self) == UInt16(NLMSG_ERROR) {
                        let error = unsafe reply.loadUnaligned(fromByteOffset: offset + 16, as: Int32.self)
                        if error != 0 {
                            while unsafe recv(descriptor.number, reply.baseAddress, reply.count, Int32(MSG_DONTWAIT)) > 0 {}
                            return -error
                        }
                        left -= 1
                    }
                    offset += (length + 3) & ~3
                }
            }
            return 0
        }
        if failure != 0 { throw SystemCallError(operation(), number: failure) }
    }

    /// Sends a question and reads the messages that answer it, headers and all.
    ///
    /// - Parameter isOneReply: the answer is one message, not a list that ends with `NLMSG_DONE`.
    func dump(_ message: NetlinkMessage, _ operation: @autoclosure () -> String, isOneReply: Bool = false)
        throws(SystemCallError) -> [[UInt8]]
    {
        var found: [[UInt8]] = []
        _ = try forEachReply(to: message, operation()) { reply in
            found.append(reply)
            return !isOneReply
        }
        return found
    }

    /// Sends a question and calls `body` with each message that answers it, headers and all, until that returns false.
    /// A list that was not read to its end leaves its rest in the socket: ask nothing else of it.
    ///
    /// - Returns: false when what was listed changed meanwhile, so that something may be missing or be there twice.
    func forEachReply(
        to message: NetlinkMessage, _ operation: @autoclosure () -> String, _ body: ([UInt8]) throws(SystemCallError) -> Bool
    ) throws(SystemCallError) -> Bool {
        try send(message, operation())
        var isConsistent = true
        // The kernel writes no larger a piece of a dump (NLMSG_GOODSIZE, 32 KiB at most).
        var reply = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let received = try receive(into: &reply, operation())
            var offset = 0
            while offset + 16 <= received {
                let length = Int(UInt32(littleEndianIn: reply, at: offset))
                let kind = UInt32(littleEndianIn: reply, at: offset + 4)
                let type = UInt16(truncatingIfNeeded: kind)
                guard length >= 16, offset + length <= received else { throw SystemCallError(operation(), number: EBADMSG) }
                if Int32(kind >> 16) & NLM_F_DUMP_INTR != 0 { isConsistent = false }
                if type == UInt16(NLMSG_DONE) || type == UInt16(NLMSG_ERROR) {
                    // A list that ends for want of something says so in its last message.
                    let error = length >= 20 ? Int32(bitPattern: UInt32(littleEndianIn: reply, at: offset + 16)) : 0
                    if error < 0 { throw SystemCallError(operation(), number: -error) }
                    return isConsistent
                }
                if try !body(Array(reply[offset..<(offset + length)])) { return isConsistent }
                offset += (length + 3) & ~3
            }
        }
    }

    private func send(_ message: NetlinkMessage, _ operation: @autoclosure () -> String) throws(SystemCallError) {
        let bytes = message.bytes
        // SAFETY: the buffer outlives the call, and its count is the length given.
        let sent = unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor.number, $0.baseAddress, $0.count, 0) }
        guard sent == bytes.count else { throw .last(operation()) }
    }

    /// - Returns: how many bytes of `reply` were written; never 0.
    private func receive(into reply: inout [UInt8], _ operation: @autoclosure () -> String) throws(SystemCallError) -> Int {
        // SAFETY: the kernel writes at most `count` bytes.
        let received = unsafe reply.withUnsafeMutableBytes {
            unsafe recv(descriptor.number, $0.baseAddress, $0.count, 0)
        }
        guard received > 0 else { throw .last(operation()) }
        return received
    }

    /// Calls `body` with the type and the payload's place of each attribute between two offsets of a message.
    static func forEachAttribute(of message: [UInt8], from start: Int, to end: Int, _ body: (UInt16, Range<Int>) -> Void) {
        var offset = start
        while offset + 4 <= min(end, message.count) {
            let length = Int(message[offset]) | Int(message[offset + 1]) << 8
            let type = (UInt16(message[offset + 2]) | UInt16(message[offset + 3]) << 8) & 0x3fff  // NLA_TYPE_MASK
            guard length >= 4, offset + length <= min(end, message.count) else { return }
            body(type, (offset + 4)..<(offset + length))
            offset += (length + 3) & ~3
        }
    }
}

extension UInt32 {
    /// Reads a number that the kernel wrote in this machine's order. The caller has checked the bounds.
    init(littleEndianIn bytes: [UInt8], at offset: Int) {
        self = UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8
            | UInt32(bytes[offset + 2]) << 16 | UInt32(bytes[offset + 3]) << 24
    }
}

internal import CLinux
internal import Glibc

/// One NFQUEUE queue of the network namespace it was opened in (kernel `include/uapi/linux/netfilter/nfnetlink_queue.h`).
///
/// Packets arrive many at a time in a buffer that is allocated once, and their verdicts leave together, each a prebuilt
/// message with its numbers patched: no allocation a packet, and less than a system call. While nobody reads the queue, packets are held and then dropped; none passes.
package struct PacketQueue: ~Copyable {
    /// What the kernel holds for us at most, in packets; more are dropped.
    package static let capacity: UInt32 = 8192

    private let socket: NetlinkSocket
    package let number: UInt16
    private var buffer: [UInt8]
    private var lengths = [UInt32](repeating: 0, count: PacketQueue.batch)
    private var packets: [FoundPacket] = []
    private let template: [UInt8]
    /// Messages that the next ``flush()`` sends.
    private var verdicts: [UInt8] = []

    /// Packets that are read at a time.
    private static let batch = Int(CLINUX_MANY)
    /// A packet of 64 KiB and what the kernel says of it. Memory that no packet ever fills is never the process's.
    private static let slotBytes = 68 * 1024

    /// Binds to queue `number`.
    ///
    /// - Throws: `EPERM` without CAP_NET_ADMIN, `EBUSY` or `EEXIST` when another process has the queue.
    package init(number: UInt16) throws(SystemCallError) {
        let opened = try NetlinkSocket(family: NETLINK_NETFILTER)
        try Self.configure(opened, queue: number)
        socket = opened
        self.number = number
        template = Self.verdictTemplate(queue: number)
        // SAFETY: bytes of any value are bytes; none is read before the kernel has written it.
        buffer = unsafe [UInt8](unsafeUninitializedCapacity: Self.batch * Self.slotBytes) { _, count in
            count = Self.batch * Self.slotBytes
        }
        packets.reserveCapacity(Self.batch)
        verdicts.reserveCapacity(2 * Self.batch * template.count + template.count)
    }

    /// Binds to the first free queue from `number` on: in a namespace where others may have queues.
    package static func openAnywhere(from first: UInt16) throws(SystemCallError) -> PacketQueue {
        var number = first
        while true {
            do {
                return try PacketQueue(number: number)
            } catch {
                // EPERM is also the kernel's answer for a queue of somebody else's.
                guard [EBUSY, EEXIST, EPERM].contains(error.number), number < first &+ 512, number < .max else { throw error }
                number += 1
            }
        }
    }

    /// Binds to a queue and lets it go again, to see whether that works.
    package static func probe(number: UInt16) throws(SystemCallError) {
        let queue = try PacketQueue(number: number)
        _ = queue.pollDescriptor
    }

    /// The socket, for poll(2).
    package var pollDescriptor: Int32 { socket.descriptor.number }

    private static func configure(_ socket: borrowing NetlinkSocket, queue number: UInt16) throws(SystemCallError) {
        let configureType = UInt16(NFNL_SUBSYS_QUEUE) << 8 | UInt16(NFQNL_MSG_CONFIG.rawValue)
        var message = NetlinkMessage()
        message.begin(type: configureType, flags: NLM_F_REQUEST | NLM_F_ACK)
        message.append(generic(queue: number))
        message.attribute(UInt16(NFQA_CFG_CMD.rawValue), [UInt8(NFQNL_CFG_CMD_BIND.rawValue), 0, 0, 0])
        message.end()
        message.begin(type: configureType, flags: NLM_F_REQUEST | NLM_F_ACK)
        message.append(generic(queue: number))
        // Whole packets, for DNS; and never fail-open (NFQA_CFG_F_FAIL_OPEN stays clear in the mask we set).
        message.attribute(UInt16(NFQA_CFG_PARAMS.rawValue), [0, 0, 0xff, 0xff, UInt8(NFQNL_COPY_PACKET.rawValue)])
        message.attribute(UInt16(NFQA_CFG_QUEUE_MAXLEN.rawValue), native: capacity.bigEndian)
        message.attribute(UInt16(NFQA_CFG_MASK.rawValue), native: UInt32(NFQA_CFG_F_FAIL_OPEN).bigEndian)
        message.attribute(UInt16(NFQA_CFG_FLAGS.rawValue), native: UInt32(0))
        message.end()
        try socket.transact(message, acknowledgements: 2, "bind packet queue \(number)")
        setOption(socket, SOL_SOCKET, SO_RCVBUFFORCE, 8 * 1024 * 1024)
        // A burst past the buffer loses packets (their senders retry), not the socket.
        setOption(socket, SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)
    }

    private static func setOption(_ socket: borrowing NetlinkSocket, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        // SAFETY: the value is an Int32 and its size is given. Both options only tune; failing leaves the default.
        _ = unsafe setsockopt(socket.descriptor.number, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Reads the packets that are waiting, ``batch`` of them at most; ``withPacket(_:_:)`` has them until the next call.
    ///
    /// - Parameter blocks: wait for one when there is none.
    /// - Returns: how many there are now.
    package mutating func receive(blocks: Bool) throws(SystemCallError) -> Int {
        packets.removeAll(keepingCapacity: true)
        // SAFETY: the kernel writes at most a slot's size into each slot, and as many lengths as there are slots.
        let received = unsafe buffer.withUnsafeMutableBytes { slots in
            unsafe lengths.withUnsafeMutableBufferPointer { lengths in
                unsafe clinux_receive_many(
                    socket.descriptor.number, slots.baseAddress, UInt32(Self.slotBytes), UInt32(Self.batch),
                    lengths.baseAddress, blocks ? 1 : 0)
            }
        }
        guard received >= 0 else {
            if [EAGAIN, EINTR, ENOBUFS].contains(-received) { return 0 }
            throw SystemCallError("read packet queue \(number)", number: -received)
        }
        for slot in 0..<Int(received) { find(from: slot * Self.slotBytes, to: slot * Self.slotBytes + Int(lengths[slot])) }
        return packets.count
    }

    /// Calls `body` with a packet's number in the queue and its bytes from the IP header on.
    package func withPacket(_ index: Int, _ body: (UInt32, Span<UInt8>) -> Void) {
        let packet = packets[index]
        body(packet.identifier, buffer.span.extracting(packet.payload))
    }

    private mutating func find(from start: Int, to end: Int) {
        var offset = start
        while offset + 20 <= end {
            let length = Int(UInt32(littleEndianIn: buffer, at: offset))
            guard length >= 20, offset + length <= end else { return }
            // All else is the kernel's word on a verdict whose packet was gone.
            let isPacket = buffer[offset + 4] == UInt8(NFQNL_MSG_PACKET.rawValue) && buffer[offset + 5] == UInt8(NFNL_SUBSYS_QUEUE)
            if isPacket, let packet = Self.findPacket(in: buffer, from: offset + 20, to: offset + length) {
                packets.append(packet)
            }
            offset += (length + 3) & ~3
        }
    }

    /// A packet's place in the buffer; the identifier is the number as its bytes lie in the message, for the verdict to
    /// repeat, and means nothing else.
    private struct FoundPacket {
        var identifier: UInt32
        var payload: Range<Int>
    }

    private static func findPacket(in buffer: [UInt8], from start: Int, to end: Int) -> FoundPacket? {
        var offset = start
        var identifier: UInt32?
        var payload = start..<start
        while offset + 4 <= end {
            let length = Int(buffer[offset]) | Int(buffer[offset + 1]) << 8
            let type = (UInt16(buffer[offset + 2]) | UInt16(buffer[offset + 3]) << 8) & 0x3fff  // NLA_TYPE_MASK
            guard length >= 4, offset + length <= end else { return nil }
            if type == UInt16(NFQA_PACKET_HDR.rawValue), length >= 8 {
                identifier = UInt32(littleEndianIn: buffer, at: offset + 4)
            } else if type == UInt16(NFQA_PAYLOAD.rawValue) {
                payload = (offset + 4)..<(offset + length)
            }
            offset += (length + 3) & ~3
        }
        return identifier.map { FoundPacket(identifier: $0, payload: payload) }
    }

    private static let verdictOffset = 24
    private static let markOffset = 36

    /// Gives the verdict on a packet, with the next ``flush()``.
    ///
    /// - Parameter identifier: as ``withPacket(_:_:)`` gave it.
    package mutating func answer(_ identifier: UInt32, _ answer: PacketVerdict) throws(SystemCallError) {
        let code: UInt32
        let mark: UInt32
        switch answer {
        case .accept(let number): (code, mark) = (1, number)
        case .drop: (code, mark) = (0, 0)
        case .hold: return
        }
        let start = verdicts.count
        verdicts.append(contentsOf: template)
        for index in 0..<4 {
            let shift = UInt32(24 - 8 * index)
            verdicts[start + Self.verdictOffset + index] = UInt8(truncatingIfNeeded: code >> shift)
            verdicts[start + Self.verdictOffset + 4 + index] = UInt8(truncatingIfNeeded: identifier >> UInt32(8 * index))
            verdicts[start + Self.markOffset + index] = UInt8(truncatingIfNeeded: mark >> shift)
        }
        if verdicts.count >= template.count * 2 * Self.batch { try flush() }
    }

    /// Sends the verdicts that were given, in one message of many.
    package mutating func flush() throws(SystemCallError) {
        guard !verdicts.isEmpty else { return }
        defer { verdicts.removeAll(keepingCapacity: true) }
        // SAFETY: the buffer outlives the call, and its count is the length given.
        let sent = unsafe verdicts.withUnsafeBytes { unsafe Glibc.send(socket.descriptor.number, $0.baseAddress, $0.count, 0) }
        // ENOENT: a packet went away (its chain was deleted); it did not pass.
        guard sent == verdicts.count || errno == ENOENT else { throw .last("answer packet queue \(number)") }
    }

    /// `nfgenmsg`: family, version, and the queue number in network order.
    private static func generic(queue: UInt16) -> [UInt8] {
        [UInt8(AF_UNSPEC), UInt8(NFNETLINK_V0), UInt8(queue >> 8), UInt8(queue & 255)]
    }

    private static func verdictTemplate(queue: UInt16) -> [UInt8] {
        var message = NetlinkMessage()
        message.begin(type: UInt16(NFNL_SUBSYS_QUEUE) << 8 | UInt16(NFQNL_MSG_VERDICT.rawValue), flags: NLM_F_REQUEST)
        message.append(generic(queue: queue))
        message.attribute(UInt16(NFQA_VERDICT_HDR.rawValue), [UInt8](repeating: 0, count: 8))
        message.attribute(UInt16(NFQA_MARK.rawValue), native: UInt32(0))
        message.end()
        return message.bytes
    }
}

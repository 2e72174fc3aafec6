internal import CLinux

/// Builds one netlink message, or a batch of them, in a growable buffer (netlink(7); kernel `include/uapi/linux/netlink.h`).
struct NetlinkMessage {
    private(set) var bytes: [UInt8] = []
    private var messageStart = 0

    init() {
        bytes.reserveCapacity(512)
    }

    /// Starts a message; the previous one is complete.
    mutating func begin(type: UInt16, flags: Int32, sequence: UInt32 = 0) {
        messageStart = bytes.count
        appendNative(UInt32(0))
        appendNative(type)
        appendNative(UInt16(truncatingIfNeeded: flags))
        appendNative(sequence)
        appendNative(UInt32(0))
    }

    /// Writes the message's length into its header.
    mutating func end() {
        store(UInt32(bytes.count - messageStart), at: messageStart)
    }

    /// An attribute with `value` as its payload, padded to four bytes.
    mutating func attribute(_ type: UInt16, _ value: [UInt8]) {
        appendNative(UInt16(4 + value.count))
        appendNative(type)
        bytes += value
        pad()
    }

    mutating func attribute(_ type: UInt16, string: String) {
        attribute(type, Array(string.utf8) + [0])
    }

    mutating func attribute<Number: FixedWidthInteger>(_ type: UInt16, native number: Number) {
        appendNative(UInt16(4 + MemoryLayout<Number>.size))
        appendNative(type)
        appendNative(number)
        pad()
    }

    /// An attribute whose payload is what `body` appends.
    mutating func nested(_ type: UInt16, _ body: (inout NetlinkMessage) -> Void) {
        let start = bytes.count
        appendNative(UInt16(0))
        appendNative(type)
        body(&self)
        store(UInt16(bytes.count - start), at: start)
        pad()
    }

    mutating func appendNative<Number: FixedWidthInteger>(_ number: Number) {
        var value = number
        for _ in 0..<MemoryLayout<Number>.size {
            // Both of our architectures are little-endian, as the shim's seccomp filter already assumes.
            bytes.append(UInt8(truncatingIfNeeded: value))
            value = value >> 8
        }
    }

    mutating func append(_ raw: [UInt8]) {
        bytes += raw
        pad()
    }

    private mutating func pad() {
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    private mutating func store<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
        var value = number
        for index in 0..<MemoryLayout<Number>.size {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value)
            value = value >> 8
        }
    }
}

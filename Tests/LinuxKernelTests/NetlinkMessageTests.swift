@testable import LinuxKernel
import Testing

@Suite("Netlink messages")
struct NetlinkMessageTests {
    /// netlink(7): length, type, flags, sequence, port; then attributes of length and type, padded to four bytes.
    @Test func laysOutHeaderAndAttributes() {
        var message = NetlinkMessage()
        message.begin(type: 0x1234, flags: 5, sequence: 7)
        message.append([1, 2, 3, 4])
        message.attribute(2, string: "lo")
        message.attribute(3, native: UInt16(0xabcd))
        message.end()
        #expect(
            message.bytes == [
                36, 0, 0, 0, 0x34, 0x12, 5, 0, 7, 0, 0, 0, 0, 0, 0, 0,
                1, 2, 3, 4,
                7, 0, 2, 0, 0x6c, 0x6f, 0, 0,
                6, 0, 3, 0, 0xcd, 0xab, 0, 0,
            ])
    }

    @Test func nestsAttributesAndCountsThem() {
        var message = NetlinkMessage()
        message.begin(type: 1, flags: 0)
        message.nested(9) { outer in outer.nested(8) { $0.attribute(1, native: UInt8(255)) } }
        message.end()
        #expect(Array(message.bytes[16...]) == [16, 0, 9, 0, 12, 0, 8, 0, 5, 0, 1, 0, 255, 0, 0, 0])
        #expect(message.bytes[0] == 32)
    }

    @Test func batchesKeepTheirOwnLengths() {
        var message = NetlinkMessage()
        message.begin(type: 1, flags: 0)
        message.end()
        message.begin(type: 2, flags: 0)
        message.append([9, 9, 9, 9])
        message.end()
        #expect(message.bytes[0] == 16 && message.bytes[16] == 20)
    }
}

@testable import LinuxKernel
import Testing
import WireFormats

@Suite("Tracked flows")
struct ConntrackTableTests {
    static let all = [
        CapturedMessages.Conntrack.tcp4, CapturedMessages.Conntrack.tcp6, CapturedMessages.Conntrack.udp4,
        CapturedMessages.Conntrack.icmp4,
    ]

    private static func entry(_ text: String) throws -> ConntrackEntry {
        try #require(ConntrackTable.entry(CapturedMessages.bytes(text)))
    }

    @Test func readsTCP() throws {
        let loopback = try #require(IPAddress("127.0.0.1"))
        #expect(
            try Self.entry(CapturedMessages.Conntrack.tcp4) == ConntrackEntry(
                original: .init(source: loopback, destination: loopback, protocolNumber: 6, sourcePort: 42_434, destinationPort: 443),
                reply: .init(source: loopback, destination: loopback, protocolNumber: 6, sourcePort: 443, destinationPort: 42_434),
                mark: 0x5043_0102, status: 0xe, timeoutSeconds: 431_999, tcpState: 3,
                originalCounters: .init(packets: 3, bytes: 169), replyCounters: .init(packets: 2, bytes: 112)))
    }

    @Test func namesStates() throws {
        let entry = try Self.entry(CapturedMessages.Conntrack.tcp4)
        #expect(entry.tcpStateName == "ESTABLISHED")
        #expect(entry.statusNames == ["SEEN_REPLY", "ASSURED", "CONFIRMED"])
        var odd = entry
        odd.tcpState = 200
        odd.status = 0
        #expect(odd.tcpStateName == nil && odd.statusNames.isEmpty)
    }

    @Test func readsIPv6() throws {
        let entry = try Self.entry(CapturedMessages.Conntrack.tcp6)
        #expect(entry.original.source == IPAddress("::1") && entry.original.destination == IPAddress("::1"))
        #expect(entry.original.sourcePort == 0xc03a && entry.original.destinationPort == 443 && entry.tcpState == 3)
    }

    @Test func whatHasNoPortsHasNone() throws {
        let entry = try Self.entry(CapturedMessages.Conntrack.icmp4)
        #expect(entry.original.protocolNumber == 1 && entry.original.sourcePort == nil && entry.original.destinationPort == nil)
        #expect(entry.tcpState == nil && entry.originalCounters == .init(packets: 1, bytes: 84))
    }

    /// A flow is there or not: a message that ends within its original direction is none, one that ends later is one.
    @Test(arguments: all) func aMessageThatIsCutShort(text: String) throws {
        let bytes = CapturedMessages.bytes(text)
        let whole = try Self.entry(text)
        let originalLength = Int(bytes[20]) | Int(bytes[21]) << 8
        for length in 0..<bytes.count {
            let entry = ConntrackTable.entry(Array(bytes[..<length]))
            #expect((entry != nil) == (length >= 20 + originalLength), "\(length)")
            if let entry { #expect(entry.original == whole.original) }
        }
    }

    /// Whatever the bytes are, they are read without a trap, and addresses keep to their family.
    @Test(arguments: all) func anyByteMayBeAnything(text: String) {
        let bytes = CapturedMessages.bytes(text)
        for index in bytes.indices {
            for value in [0, 1, 4, 0x7f, 0x80, 0xff] as [UInt8] {
                var changed = bytes
                changed[index] = value
                guard let entry = ConntrackTable.entry(changed) else { continue }
                #expect(entry.mark == 0x5043_0102 || index >= 20)
            }
        }
    }

    @Test func marksAreComparedUnderTheirMask() {
        let filter = FlowMarkFilter(value: 0x5043_0200, mask: 0xffff_ff00)
        #expect(filter.contains(0x5043_0201) && filter.contains(0x5043_02ff))
        #expect(!filter.contains(0x5043_0101) && !filter.contains(0x0043_0201) && !filter.contains(0))
        #expect(FlowMarkFilter(value: 0x5043_0203, mask: 0xffff_ff00).contains(0x5043_0201))
    }
}

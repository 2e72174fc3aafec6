import TestSupport
import Testing
import WireFormats

/// RFC 791, RFC 8200, RFC 768 and RFC 9293, a row a rule.
@Suite("IP packets")
struct IPPacketTests {
    static let agent4 = IPAddress(v4: 0x0a00_0002)
    static let web4 = IPAddress(v4: 0x5db8_d822)
    static let agent6 = IPAddress(v6High: 0xfd00_0000_0000_0000, low: 2)
    static let web6 = IPAddress(v6High: 0x2606_2800_0220_0001, low: 0x34)

    @Test func readsAnIPv4Header() throws {
        let bytes = PacketBytes.tcp(from: Self.agent4, to: Self.web4, port: 443)
        let packet = try #require(IPPacket(bytes))
        #expect(packet.source == Self.agent4 && packet.destination == Self.web4)
        #expect(packet.transport == 6 && packet.payload == 20..<40 && !packet.isFragment)
    }

    @Test func readsAnIPv6Header() throws {
        let bytes = PacketBytes.tcp(from: Self.agent6, to: Self.web6, port: 443)
        let packet = try #require(IPPacket(bytes))
        #expect(packet.source == Self.agent6 && packet.destination == Self.web6)
        #expect(packet.transport == 6 && packet.payload == 40..<60 && !packet.isFragment)
    }

    @Test func skipsOptionsAndIgnoresPadding() throws {
        var bytes = PacketBytes.ip(17, from: Self.agent4, to: Self.web4, payload: [1, 1, 1, 0, 9, 9])
        bytes[0] = 0x46
        let packet = try #require(IPPacket((bytes + [0, 0, 0])))
        #expect(packet.payload == 24..<26)
    }

    /// Field, offset, value: each makes the packet unreadable.
    @Test(arguments: [
        ("version 5", 0, 0x55), ("version 0", 0, 0x05), ("header of 16 bytes", 0, 0x44), ("header past the total", 0, 0x4f),
        ("total past the packet", 3, 0xff), ("total below the header", 3, 19),
    ])
    func refusesIPv4(_ what: String, offset: Int, value: Int) {
        var bytes = PacketBytes.tcp(from: Self.agent4, to: Self.web4, port: 443)
        bytes[offset] = UInt8(value)
        #expect(IPPacket(bytes) == nil, "\(what)")
    }

    @Test(arguments: [(0x0000, false), (0x4000, false), (0x2000, true), (0x0001, true), (0x3fff, true), (0x8000, false)])
    func knowsIPv4Fragments(field: Int, isFragment: Bool) throws {
        var bytes = PacketBytes.tcp(from: Self.agent4, to: Self.web4, port: 443)
        bytes.store(bigEndian: UInt16(field), at: 6)
        #expect(try #require(IPPacket(bytes)).isFragment == isFragment)
    }

    /// Options, and whether they name stations on the way.
    static let options: [([UInt8], Bool)] = [
        ([1, 1, 1, 0], false), ([7, 7, 4, 0, 0, 0, 0, 0], false), ([148, 4, 0, 0], false), ([0, 131, 3, 4], false),
        ([131, 7, 4, 93, 184, 219, 9, 0], true), ([137, 7, 4, 93, 184, 219, 9, 0], true), ([1, 131, 3, 4], true),
        ([148, 4, 0, 0, 131, 3, 4, 0], true), ([7, 0, 0, 0], true), ([1, 1, 1, 7], true),
    ]

    @Test(arguments: options)
    func findsSourceRoutes(options: [UInt8], hasRoute: Bool) throws {
        var bytes = PacketBytes.ip(6, from: Self.agent4, to: Self.web4, payload: options + [1, 2, 3, 4])
        bytes[0] = 0x45 + UInt8(options.count / 4)
        #expect(try #require(IPPacket(bytes)).hasRoute == hasRoute)
    }

    @Test(arguments: [(0, false), (60, false), (43, true)])
    func findsRoutingHeaders(header: UInt8, hasRoute: Bool) throws {
        let chain: [UInt8] = [header, 0, 1, 4, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]
        let bytes = PacketBytes.ip(60, from: Self.agent6, to: Self.web6, payload: chain + [1, 2, 3, 4])
        #expect(try #require(IPPacket(bytes)).hasRoute == hasRoute)
    }

    /// A chain of (header, bytes), what follows it, and where the transport then lies.
    static let chains: [(String, UInt8, [UInt8], UInt8, Int)] = [
        ("hop-by-hop", 0, [17, 0, 0, 0, 0, 0, 0, 0], 17, 48),
        ("hop-by-hop of 16 bytes", 0, [17, 1] + [UInt8](repeating: 0, count: 14), 17, 56),
        ("destination options, routing", 60, [43, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0], 6, 56),
        ("authentication is a transport here", 51, [], 51, 40),
        ("no next header", 59, [], 59, 40),
    ]

    @Test(arguments: chains)
    func walksExtensionHeaders(_ name: String, first: UInt8, headers: [UInt8], transport: UInt8, offset: Int) throws {
        let bytes = PacketBytes.ip(first, from: Self.agent6, to: Self.web6, payload: headers + [1, 2, 3, 4])
        let packet = try #require(IPPacket(bytes), "\(name)")
        #expect(packet.transport == transport && packet.payload == offset..<(offset + 4))
    }

    @Test(arguments: [(0x0000, false), (0x0001, true), (0x0008, true), (0xfff8, true), (0x0006, false)])
    func knowsIPv6FragmentsAndLetsAtomicOnesPass(field: Int, isFragment: Bool) throws {
        let fragment: [UInt8] = [17, 0, UInt8(field >> 8), UInt8(field & 255), 0, 0, 0, 1]
        let bytes = PacketBytes.ip(44, from: Self.agent6, to: Self.web6, payload: fragment + [1, 2])
        let packet = try #require(IPPacket(bytes))
        #expect(packet.isFragment == isFragment && packet.transport == 17 && packet.payload == 48..<50)
    }

    @Test func endlessExtensionHeadersAreRefused() {
        let header: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        for count in [Limits.ipv6ExtensionHeaders, Limits.ipv6ExtensionHeaders + 1] {
            var chain: [UInt8] = []
            for index in 0..<count { chain += index == count - 1 ? [17, 0, 0, 0, 0, 0, 0, 0] : header }
            let bytes = PacketBytes.ip(0, from: Self.agent6, to: Self.web6, payload: chain + [1])
            #expect((IPPacket(bytes) != nil) == (count <= Limits.ipv6ExtensionHeaders), "\(count) headers")
        }
    }

    @Test func anExtensionHeaderPastTheEndIsRefusedEvenWithPadding() {
        let bytes = PacketBytes.ip(0, from: Self.agent6, to: Self.web6, payload: [17, 1, 0, 0, 0, 0, 0, 0])
        #expect(IPPacket((bytes + [UInt8](repeating: 0, count: 64))) == nil)
    }

    @Test func everyTruncationIsRefused() {
        let hop: [UInt8] = [17, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]
        for bytes in [
            PacketBytes.tcp(from: Self.agent4, to: Self.web4, port: 1), PacketBytes.tcp(from: Self.agent6, to: Self.web6, port: 1),
            PacketBytes.ip(0, from: Self.agent6, to: Self.web6, payload: hop),
        ] {
            for count in 0..<bytes.count { #expect(IPPacket(Array(bytes.prefix(count))) == nil, "\(count) bytes") }
            #expect(IPPacket(bytes) != nil)
        }
    }
}

@Suite("TCP and UDP headers")
struct TransportHeaderTests {
    private static let segment: [UInt8] = [0x9c, 0x40, 0x01, 0xbb, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0]

    @Test(arguments: [
        (0x02, true), (0xc2, true), (0x0a, true), (0x12, false), (0x06, false), (0x03, false), (0x00, false), (0x10, false),
    ])
    func knowsFirstSegments(flags: Int, opens: Bool) throws {
        var bytes = Self.segment
        bytes[13] = UInt8(flags)
        let header = try #require(TCPHeader(bytes))
        #expect(header.sourcePort == 40_000 && header.destinationPort == 443 && header.opensConnection == opens)
    }

    @Test func refusesShortTCPHeaders() {
        for count in 0..<20 { #expect(TCPHeader(Array(Self.segment.prefix(count))) == nil) }
        var bytes = Self.segment
        bytes[12] = 0x40
        #expect(TCPHeader(bytes) == nil, "a header of four words")
    }

    @Test(arguments: [(8, 8..<8), (11, 8..<11), (12, 8..<12), (7, nil), (0, nil), (13, nil)] as [(Int, Range<Int>?)])
    func readsUDPLengths(length: Int, payload: Range<Int>?) {
        let bytes: [UInt8] = [0, 53, 0x9c, 0x40, 0, UInt8(length), 0, 0, 1, 2, 3, 4]
        #expect(UDPHeader(bytes)?.payload == payload)
    }

    @Test func refusesShortUDPHeaders() {
        let bytes: [UInt8] = [0, 53, 0x9c, 0x40, 0, 8, 0, 0]
        for count in 0..<8 { #expect(UDPHeader(Array(bytes.prefix(count))) == nil) }
        #expect(UDPHeader(bytes)?.sourcePort == 53)
    }
}

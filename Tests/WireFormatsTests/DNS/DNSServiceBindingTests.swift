import TestSupport
import Testing
import WireFormats

/// RFC 9460 sections 2.2, 7 and 8.
@Suite("DNS service bindings")
struct DNSServiceBindingTests {
    private static func parameter(_ key: UInt16, _ value: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: key)
        bytes.append(bigEndian: UInt16(value.count))
        return bytes + value
    }

    private static let h2: [UInt8] = [2, 0x68, 0x32]
    private static let alpn = parameter(1, h2)

    private static func parse(_ data: [UInt8]) -> DNSServiceBinding? { DNSServiceBinding.parse(data.span, 0..<data.count) }

    @Test func readsEveryParameterItKnowsAndDropsTheRest() throws {
        let data = [0, 1, 0] + Self.parameter(0, [0, 1, 0, 4]) + Self.parameter(1, Self.h2 + [2, 0x68, 0x33]) + Self.parameter(2, [])
            + Self.parameter(3, [0x20, 0xfb]) + Self.parameter(4, [93, 184, 216, 34]) + Self.parameter(5, [1, 2, 3])
            + Self.parameter(6, IPAddress(v6High: 1, low: 2).bytes) + Self.parameter(7, Array("/q{?dns}".utf8)) + Self.parameter(65_280, [9])
        let binding = try #require(Self.parse(data))
        #expect(binding.priority == 1 && binding.target == nil && binding.mandatory == [1, 4] && binding.hasNoDefaultProtocol)
        #expect(binding.protocols == [Array("h2".utf8), Array("h3".utf8)] && binding.port == 8443)
        #expect(binding.hints == [IPAddress(v4: 0x5db8_d822), IPAddress(v6High: 1, low: 2)] && binding.isConsistent)
        var written: [UInt8] = []
        binding.append(to: &written)
        #expect(Self.parse(written) == binding)
        #expect(written.count == data.count - (4 + 3) - (4 + 8) - (4 + 1), "ech, dohpath and the private key are gone")
    }

    @Test func aliasesHaveNoParameters() throws {
        let binding = try #require(Self.parse([0, 0] + DNSBytes.name("pool.example") + Self.alpn))
        #expect(binding == DNSServiceBinding(priority: 0, target: try HostName("pool.example")))
    }

    static let malformed: [(String, [UInt8])] = [
        ("nothing", []), ("half a priority", [0]), ("no target", [0, 1]), ("a target past the end", [0, 1, 3, 0x61]),
        ("a compressed target", [0, 1, 0xc0, 0]), ("a pointer inside a target", [0, 1, 1, 0x61, 0xc0, 0]),
        ("a target that is no name", [0, 1, 1, 0x20, 0]), ("half a key", [0, 1, 0, 0]), ("no length", [0, 1, 0, 0, 1]),
        ("a value past the end", [0, 1, 0] + alpn.dropLast()), ("a key twice", [0, 1, 0] + alpn + alpn),
        ("keys out of order", [0, 1, 0] + parameter(3, [1, 187]) + alpn), ("the reserved key", [0, 1, 0] + parameter(.max, [])),
        ("an empty alpn", [0, 1, 0] + parameter(1, [])), ("an empty identifier", [0, 1, 0] + parameter(1, [0])),
        ("an identifier past its value", [0, 1, 0] + parameter(1, [3, 0x68])),
        ("a port of one byte", [0, 1, 0] + parameter(3, [1])), ("a port of three", [0, 1, 0] + parameter(3, [1, 2, 3])),
        ("an empty hint", [0, 1, 0] + parameter(4, [])), ("a hint and a half", [0, 1, 0] + parameter(4, [1, 2, 3, 4, 5, 6])),
        ("an IPv6 hint of four bytes", [0, 1, 0] + parameter(6, [1, 2, 3, 4])),
        ("no-default-alpn with a value", [0, 1, 0] + alpn + parameter(2, [1])), ("no-default-alpn alone", [0, 1, 0] + parameter(2, [])),
        ("an empty mandatory", [0, 1, 0] + parameter(0, []) + alpn), ("half a mandatory", [0, 1, 0] + parameter(0, [0]) + alpn),
        ("mandatory mandatory", [0, 1, 0] + parameter(0, [0, 0]) + alpn), ("mandatory twice", [0, 1, 0] + parameter(0, [0, 1, 0, 1]) + alpn),
        ("mandatory out of order", [0, 1, 0] + parameter(0, [0, 3, 0, 1]) + alpn + parameter(3, [1, 187])),
        ("a mandatory key that is not there", [0, 1, 0] + parameter(0, [0, 4]) + alpn),
    ]

    @Test(arguments: malformed) func refuses(what: String, data: [UInt8]) {
        #expect(Self.parse(data) == nil, "\(what)")
    }

    /// What cannot be handed on must not be promised: a client would take the record for something it is not.
    @Test(arguments: [5, 7, 65_280] as [UInt16]) func isInconsistentWhenAMandatoryKeyWasLeftOut(key: UInt16) throws {
        let binding = try #require(Self.parse([0, 1, 0] + Self.parameter(0, [UInt8(key >> 8), UInt8(key & 255)]) + Self.alpn + Self.parameter(key, [1])))
        #expect(!binding.isConsistent)
    }

    @Test func everyTruncationIsRefusedOrShorter() {
        let data = [0, 1, 0] + Self.alpn + Self.parameter(3, [1, 187]) + Self.parameter(4, [1, 2, 3, 4])
        for count in 0..<data.count {
            let prefix = Array(data.prefix(count))
            guard let binding = Self.parse(prefix) else { continue }
            var written: [UInt8] = []
            binding.append(to: &written)
            #expect(written == prefix, "\(count) bytes")
        }
    }

    // In answers

    private func answer(_ records: [[UInt8]], name: String = "a.example") throws -> DNSAnswer {
        guard case .query(let query) = DNSQuery.parse(DNSBytes.query(name, .https)) else { throw HostNameError.empty }
        return try #require(DNSAnswer.parse(DNSBytes.answer(name, .https, identifier: 7, records: records), to: query, identifier: 7))
    }

    @Test func aliasesInFrontAreFollowed() throws {
        let found = try answer([
            DNSBytes.alias("a.example", to: "b.example", timeToLive: 20),
            DNSBytes.record(.https, owner: DNSBytes.name("B.example"), data: [0, 1] + DNSBytes.name("b.example") + Self.alpn),
            DNSBytes.record(.https, owner: DNSBytes.name("c.example"), data: [0, 2, 0] + Self.alpn),
            DNSBytes.address(IPAddress(v4: 1), owner: DNSBytes.name("b.example")),
        ])
        var expected = DNSServiceBinding(priority: 1, target: nil)
        expected.protocols = [Array("h2".utf8)]
        #expect(found.services == [expected] && found.addresses.isEmpty && found.timeToLive == 20)
    }

    @Test func malformedRecordsAreLeftOutAndOthersStay() throws {
        let good = DNSBytes.record(.https, data: [0, 1, 0] + Self.alpn)
        let loop = DNSBytes.record(.https, data: [0, 0] + DNSBytes.name("a.example"))
        #expect(try answer([DNSBytes.record(.https, data: [0, 1]), loop, good]).services.count == 1)
        #expect(try answer([[UInt8]](repeating: good, count: 100)).services.count == Limits.dnsServiceBindings)
    }
}

import TestSupport
import Testing
import WireFormats

@Suite("DNS queries")
struct DNSQueryTests {
    @Test func readsAQuery() throws {
        guard case .query(let query) = DNSQuery.parse(DNSBytes.query("aPi.Example.com", .aaaa, identifier: 0x1234)) else {
            Issue.record("refused")
            return
        }
        #expect(query.identifier == 0x1234 && query.name.text == "api.example.com" && query.type == .aaaa)
        #expect(query.recursionDesired && query.udpSize == 1232)
        #expect(query.question == DNSBytes.question("aPi.Example.com", .aaaa), "echoed as spelled")
    }

    @Test(arguments: [(nil, nil), (0, 512), (100, 512), (512, 512), (4096, 4096), (65_535, 65_535)] as [(UInt16?, UInt16?)])
    func readsTheSizeOfEDNS(sent: UInt16?, understood: UInt16?) {
        guard case .query(let query) = DNSQuery.parse(DNSBytes.query("a.example", .a, edns: sent)) else {
            Issue.record("refused")
            return
        }
        #expect(query.udpSize == understood)
    }

    static let question = DNSBytes.question("a.example", .a)
    static let malformed: [(String, [UInt8], UInt16?)] = [
        ("nothing", [], nil), ("an identifier alone", [0, 7], nil), ("header alone", DNSBytes.header(7, flags: 0x0100, counts: [1, 0, 0, 0]), 7),
        ("a response", DNSBytes.header(7, flags: 0x8180, counts: [1, 0, 0, 0]) + question, nil),
        ("an inverse query", DNSBytes.header(7, flags: 0x0900, counts: [1, 0, 0, 0]) + question, 7),
        ("an update", DNSBytes.header(7, flags: 0x2800, counts: [1, 0, 0, 0]) + question, 7),
        ("no question", DNSBytes.header(7, flags: 0x0100, counts: [0, 0, 0, 0]), 7),
        ("two questions", DNSBytes.header(7, flags: 0x0100, counts: [2, 0, 0, 0]) + question + question, 7),
        ("an answer in it", DNSBytes.header(7, flags: 0x0100, counts: [1, 1, 0, 0]) + question + DNSBytes.record(.a, data: [1, 1, 1, 1]), 7),
        ("an authority in it", DNSBytes.header(7, flags: 0x0100, counts: [1, 0, 1, 0]) + question + DNSBytes.record(.a, data: [1, 1, 1, 1]), 7),
        ("OPT twice", DNSBytes.header(7, flags: 0x0100, counts: [1, 0, 0, 2]) + question + DNSBytes.opt(size: 512) + DNSBytes.opt(size: 512), 7),
        ("three additional records", DNSBytes.header(7, flags: 0x0100, counts: [1, 0, 0, 3]) + question
            + [[UInt8]](repeating: DNSBytes.record(.a, owner: [0], data: []), count: 3).flatMap { $0 }, 7),
        ("OPT with an owner", DNSBytes.header(7, flags: 0x0100, counts: [1, 0, 0, 1]) + question + DNSBytes.record(.opt, owner: DNSBytes.name("x"), class: 512, data: []), 7),
        ("trailing bytes", DNSBytes.query("a.example", .a) + [0], 7),
        ("a missing additional record", DNSBytes.header(7, flags: 0x0100, counts: [1, 0, 0, 1]) + question, 7),
        ("class CHAOS", DNSBytes.header(7, flags: 0x0100, counts: [1, 0, 0, 0]) + DNSBytes.name("a.example") + [0, 1, 0, 3], 7),
        ("the root", DNSBytes.header(7, flags: 0x0100, counts: [1, 0, 0, 0]) + [0, 0, 1, 0, 1], 7),
        ("a name that is none", DNSBytes.header(7, flags: 0x0100, counts: [1, 0, 0, 0]) + DNSBytes.question("a b.example", .a), 7),
        ("a name like an address", DNSBytes.header(7, flags: 0x0100, counts: [1, 0, 0, 0]) + DNSBytes.question("10.0.0.1", .a), 7),
        ("a name with a pointer", DNSBytes.header(0x0161, flags: 0x0000, counts: [1, 0, 0, 0]) + [1, 0x62, 0xc0, 0, 0, 1, 0, 1], 0x0161),
    ]

    @Test(arguments: malformed)
    func refuses(what: String, bytes: [UInt8], identifier: UInt16?) {
        #expect(DNSQuery.parse(bytes) == .malformed(identifier: identifier), "\(what)")
    }

    @Test func everyTruncationIsRefused() {
        let bytes = DNSBytes.query("api.example.com", .a)
        for count in 0..<bytes.count {
            let expected: UInt16? = count < 4 ? nil : 7
            #expect(DNSQuery.parse(Array(bytes.prefix(count))) == .malformed(identifier: expected), "\(count) bytes")
        }
    }

    @Test func theQuestionForAResolverCarriesNothingOfTheAgents() throws {
        guard case .query(let query) = DNSQuery.parse(DNSBytes.query("aPi.Example.com", .aaaa, identifier: 1, edns: nil)) else {
            Issue.record("refused")
            return
        }
        #expect(query.forResolver(identifier: 0xbeef) == DNSBytes.query("api.example.com", .aaaa, identifier: 0xbeef, edns: 1232))
    }
}

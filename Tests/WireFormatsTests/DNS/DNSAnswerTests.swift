import TestSupport
import Testing
import WireFormats

@Suite("DNS answers")
struct DNSAnswerTests {
    static let web = IPAddress(v4: 0x5db8_d822)
    static let web6 = IPAddress(v6High: 0x2606_2800_0220_0001, low: 0x34)

    private func query(_ type: DNSRecordType = .a, _ name: String = "a.example") throws -> DNSQuery {
        guard case .query(let query) = DNSQuery.parse(DNSBytes.query(name, type)) else {
            throw HostNameError.empty
        }
        return query
    }

    private func read(_ records: [[UInt8]], type: DNSRecordType = .a, flags: UInt16 = 0x8180) throws -> DNSAnswer? {
        DNSAnswer.parse(
            DNSBytes.answer("a.example", type, identifier: 9, flags: flags, records: records), to: try query(type),
            identifier: 9)
    }

    @Test func readsAddresses() throws {
        let other = IPAddress(v4: 0x5db8_d823)
        let answer = try #require(try read([DNSBytes.address(Self.web, timeToLive: 60), DNSBytes.address(other, timeToLive: 30)]))
        #expect(answer == DNSAnswerTests.expected([Self.web, other], 30))
        let sixth = try #require(try read([DNSBytes.address(Self.web6)], type: .aaaa))
        #expect(sixth.addresses == [Self.web6] && sixth.timeToLive == 300)
    }

    private static func expected(_ addresses: [IPAddress], _ timeToLive: UInt32) -> DNSAnswer? {
        let bytes = DNSBytes.answer(
            "a.example", .a, identifier: 1, records: addresses.map { DNSBytes.address($0, timeToLive: timeToLive) })
        guard case .query(let query) = DNSQuery.parse(DNSBytes.query("a.example", .a)) else { return nil }
        return DNSAnswer.parse(bytes, to: query, identifier: 1)
    }

    @Test func theNameIsComparedWithoutCase() throws {
        let bytes = DNSBytes.answer("A.eXample", .a, identifier: 9, records: [DNSBytes.address(Self.web)])
        #expect(DNSAnswer.parse(bytes, to: try query(), identifier: 9)?.addresses == [Self.web])
    }

    static let unbelievable: [(String, [UInt8])] = [
        ("another identifier", DNSBytes.answer("a.example", .a, identifier: 8, records: [])),
        ("another name", DNSBytes.answer("b.example", .a, identifier: 9, records: [])),
        ("another type", DNSBytes.answer("a.example", .aaaa, identifier: 9, records: [])),
        ("a query", DNSBytes.answer("a.example", .a, identifier: 9, flags: 0x0100, records: [])),
        ("another opcode", DNSBytes.answer("a.example", .a, identifier: 9, flags: 0x8980, records: [])),
        ("no question", DNSBytes.header(9, flags: 0x8180, counts: [0, 0, 0, 0])),
        ("two questions", DNSBytes.header(9, flags: 0x8180, counts: [2, 0, 0, 0]) + DNSBytes.question("a.example", .a) + DNSBytes.question("a.example", .a)),
        ("a missing record", DNSBytes.header(9, flags: 0x8180, counts: [1, 1, 0, 0]) + DNSBytes.question("a.example", .a)),
        ("a question of class CHAOS", DNSBytes.header(9, flags: 0x8180, counts: [1, 0, 0, 0]) + DNSBytes.name("a.example") + [0, 1, 0, 3]),
    ]

    @Test(arguments: unbelievable)
    func isNotBelieved(what: String, bytes: [UInt8]) throws {
        #expect(DNSAnswer.parse(bytes, to: try query(), identifier: 9) == nil, "\(what)")
    }

    static let silent: [(String, [UInt8])] = [
        ("of another owner", DNSBytes.record(.a, owner: DNSBytes.name("b.example"), data: [1, 1, 1, 1])),
        ("of another class", DNSBytes.record(.a, class: 3, data: [1, 1, 1, 1])),
        ("of another type", DNSBytes.record(.aaaa, data: [UInt8](repeating: 1, count: 16))),
        ("of five bytes", DNSBytes.record(.a, data: [1, 1, 1, 1, 1])), ("of no bytes", DNSBytes.record(.a, data: [])),
        // The name's root would be the owner of the next record.
        ("an alias cut by its length", DNSBytes.record(.cname, data: [1, 0x62])),
    ]

    @Test(arguments: silent)
    func recordsThatSayNothing(_ what: String, record: [UInt8]) throws {
        // Addresses of others as well: nothing may lead to them.
        let root = DNSBytes.record(.a, owner: [0], data: [1, 1, 1, 1])
        let stray = DNSBytes.address(Self.web, owner: DNSBytes.name("b"))
        #expect(try read([record, root, stray])?.addresses == [], "\(what)")
    }

    @Test func followsAliases() throws {
        let answer = try #require(
            try read([
                // In the wrong order, and with the shortest lifetime in the middle.
                DNSBytes.alias("b.example", to: "c.example", timeToLive: 20), DNSBytes.alias("a.example", to: "B.example"),
                DNSBytes.address(Self.web, owner: DNSBytes.name("c.example")),
            ]))
        #expect(answer.addresses == [Self.web] && answer.timeToLive == 20)
    }

    @Test func aliasLoopsEnd() throws {
        #expect(try read([DNSBytes.alias("a.example", to: "a.example")])?.addresses == [])
        let circle = [DNSBytes.alias("a.example", to: "b.example"), DNSBytes.alias("b.example", to: "a.example")]
        #expect(try read(circle)?.addresses == [])
    }

    @Test(arguments: [(15, true), (16, false)])
    func longChainsOfAliases(aliases: Int, arrives: Bool) throws {
        var records = (0..<aliases).map {
            DNSBytes.alias($0 == 0 ? "a.example" : "n\($0).example", to: "n\($0 + 1).example")
        }
        records.append(DNSBytes.address(Self.web, owner: DNSBytes.name("n\(aliases).example")))
        #expect(try read(records)?.addresses == (arrives ? [Self.web] : []))
    }

    @Test func aTruncatedAnswerSaysSo() throws {
        #expect(try read([], flags: 0x8380)?.isTruncated == true)
        // Cut in the middle of a record, as servers do.
        var bytes = DNSBytes.answer("a.example", .a, identifier: 9, flags: 0x8380, records: [DNSBytes.address(Self.web)])
        bytes.removeLast(3)
        let answer = try #require(DNSAnswer.parse(bytes, to: try query(), identifier: 9))
        #expect(answer.isTruncated && answer.addresses.isEmpty)
    }

    @Test(arguments: [0, 2, 3, 5])
    func readsResponseCodes(code: Int) throws {
        #expect(try read([], flags: 0x8180 | UInt16(code))?.responseCode == UInt8(code))
    }

    @Test func countsRecords() throws {
        for count in [Limits.dnsRecords, Limits.dnsRecords + 1] {
            let answer = try read([[UInt8]](repeating: DNSBytes.record(.a, owner: [0], data: []), count: count))
            #expect((answer != nil) == (count <= Limits.dnsRecords), "\(count) records")
        }
    }

    @Test func everyTruncationOfASaneAnswerIsRefused() throws {
        let bytes = DNSBytes.answer(
            "a.example", .a, identifier: 9,
            records: [DNSBytes.alias("a.example", to: "b.example"), DNSBytes.address(Self.web, owner: DNSBytes.name("b.example"))])
        let query = try query()
        for count in 0..<bytes.count { #expect(DNSAnswer.parse(Array(bytes.prefix(count)), to: query, identifier: 9) == nil, "\(count) bytes") }
        #expect(DNSAnswer.parse(bytes, to: query, identifier: 9) != nil)
    }
}

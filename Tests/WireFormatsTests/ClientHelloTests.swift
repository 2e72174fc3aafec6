import TestSupport
import Testing
import WireFormats

/// RFC 8446 sections 4.1.2 and 5.1, RFC 6066, RFC 7301.
@Suite("ClientHello")
struct ClientHelloTests {
    private func read(_ bytes: [UInt8]) -> ClientHello? {
        guard case .hello(let hello) = ClientHello.parse(bytes) else { return nil }
        return hello
    }

    @Test(arguments: [
        (ClientHelloVectors.tls13, "api.example.com", ["h2", "http/1.1"]), (ClientHelloVectors.tls12, "Api.Example.com", []),
        (ClientHelloVectors.nameless, nil, ["http/1.1"]),
    ] as [(String, String?, [String])])
    func readsRealHellos(hex: String, name: String?, protocols: [String]) throws {
        let hello = try #require(read(Hex.bytes(hex)))
        #expect(hello.serverName == name.map { Array($0.utf8) })
        #expect(hello.applicationProtocols == protocols.map { Array($0.utf8) })
        #expect(!hello.offersEncryptedHello)
    }

    @Test(arguments: [ClientHelloVectors.tls13, ClientHelloVectors.tls12, ClientHelloVectors.nameless])
    func readsThemByteByByteAndCutIntoRecordsAnyHow(hex: String) throws {
        let bytes = Hex.bytes(hex)
        let whole = try #require(read(bytes))
        for count in 0..<bytes.count {
            #expect(ClientHello.parse(Array(bytes.prefix(count))) == .needMore, "\(count) bytes")
        }
        let message = Array(bytes[5...])
        for size in 1..<message.count {
            let records = HelloBytes.records(message, sizes: [size])
            #expect(read(records) == whole, "a first record of \(size) bytes")
            // Cut at the seam, one byte on each side, and at the last byte.
            for count in [size + 4, size + 5, size + 6, size + 10, records.count - 1] {
                #expect(ClientHello.parse(Array(records.prefix(count))) == .needMore, "\(size), \(count)")
            }
        }
        #expect(read(HelloBytes.records(message, sizes: [Int](repeating: 1, count: message.count))) == whole)
        var generator = SplitMix64(seed: 5)
        for _ in 0..<200 {
            let sizes = (0..<20).map { _ in Int.random(in: 1...60, using: &generator) }
            #expect(read(HelloBytes.records(message, sizes: sizes)) == whole, "\(sizes)")
        }
    }

    @Test func laterRecordsAreSomebodyElsesBusiness() throws {
        let bytes = HelloBytes.record([HelloBytes.serverName("a.example")])
        #expect(read(bytes + [20, 3, 3, 0, 1, 1]) == read(bytes) && read(bytes) != nil)
    }

    /// Whatever is said of the whole is said of no part that leads to it, and said at the latest with the last byte.
    private func expectMalformed(_ bytes: [UInt8], _ error: ClientHelloError, _ what: String) {
        #expect(ClientHello.parse(bytes) == .malformed(error), "\(what)")
        for count in 0..<bytes.count {
            let result = ClientHello.parse(Array(bytes.prefix(count)))
            #expect(result == .needMore || result == .malformed(error), "\(what), the first \(count) bytes: \(result)")
        }
    }

    static let malformed: [(String, [[UInt8]], ClientHelloError)] = [
        ("two names", [HelloBytes.serverName("a.example", "b.example")], .badServerName),
        ("no name in the list", [HelloBytes.serverName()], .badServerName), ("an empty name", [HelloBytes.serverName("")], .badServerName),
        ("a name of another type", [HelloBytes.extension(0, [0, 4, 1, 0, 1, 0x61])], .badServerName),
        ("an empty server_name", [HelloBytes.extension(0, [])], .badServerName),
        ("a name shorter than its list", [HelloBytes.extension(0, [0, 5, 0, 0, 1, 0x61, 0x62])], .badServerName),
        ("a list shorter than its extension", [HelloBytes.extension(0, [0, 4, 0, 0, 1, 0x61, 0x62])], .badServerName),
        ("server_name twice", [HelloBytes.serverName("a.example"), HelloBytes.serverName("a.example")], .repeatedExtension),
        ("ALPN twice", [HelloBytes.protocols("h2"), HelloBytes.protocols("h2")], .repeatedExtension),
        ("ECH twice", [HelloBytes.extension(0xfe0d, [1]), HelloBytes.extension(0xfe0d, [1])], .repeatedExtension),
        ("an empty protocol", [HelloBytes.protocols("")], .badProtocols), ("an empty ALPN", [HelloBytes.extension(16, [])], .badProtocols),
        ("a protocol past its list", [HelloBytes.extension(16, [0, 2, 5, 0x61])], .badProtocols),
        ("65 protocols", [HelloBytes.extension(16, [0, 130] + [[UInt8]](repeating: [1, 0x61], count: 65).flatMap { $0 })], .badProtocols),
        ("half an extension", [[0, 23, 0]], .truncated), ("an extension past the end", [[0, 23, 0, 9, 1]], .truncated),
    ]

    @Test(arguments: malformed)
    func refusesExtensions(what: String, extensions: [[UInt8]], error: ClientHelloError) {
        expectMalformed(HelloBytes.record(extensions), error, what)
    }

    @Test func findsECHWhetherRealOrGrease() throws {
        let bytes = HelloBytes.record([HelloBytes.extension(0xfe0d, [0, 1, 2]), HelloBytes.serverName("outer.example")])
        let hello = try #require(read(bytes))
        #expect(hello.offersEncryptedHello && hello.serverName == Array("outer.example".utf8))
    }

    @Test func readsHellosWithoutExtensions() throws {
        #expect(try #require(read(HelloBytes.record(nil))).serverName == nil)
        #expect(try #require(read(HelloBytes.record([]))).serverName == nil)
    }

    static let records: [(String, [UInt8], ClientHelloError)] = [
        ("HTTP", Array("GET / HTTP/1.1".utf8), .notHandshake), ("an alert", [21, 3, 1, 0, 2, 1, 0], .notHandshake),
        ("SSL 2", [0x80, 0x2e, 1, 0, 2], .notHandshake), ("version 2", [22, 2, 0, 0, 1, 1], .badVersion),
        ("an empty record", [22, 3, 1, 0, 0], .badRecordLength), ("a record over 16 KiB", [22, 3, 1, 0x40, 1], .badRecordLength),
        ("a ServerHello", [22, 3, 1, 0, 4, 2, 0, 0, 0], .notClientHello),
        ("a hello of 16 MiB", [22, 3, 1, 0, 5, 1, 0xff, 0xff, 0xff, 3], .tooLong),
        ("an empty hello", [22, 3, 1, 0, 4, 1, 0, 0, 0], .truncated),
    ]

    @Test(arguments: records)
    func refusesRecords(what: String, bytes: [UInt8], error: ClientHelloError) {
        expectMalformed(bytes, error, what)
    }

    @Test func secondRecordsAreHeldToTheSame() {
        let message = HelloBytes.message([HelloBytes.serverName("a.example")])
        let first = Array(HelloBytes.records(message, sizes: [9]).prefix(14))
        expectMalformed(first + [21, 3, 1, 0, 2, 1, 0], .notHandshake, "an alert between")
        expectMalformed(first + [22, 3, 1, 0, 0], .badRecordLength, "an empty record between")
    }

    @Test func bytesBehindTheHelloInItsRecordAreRefusedHoweverTheyCome() {
        let message = HelloBytes.message([HelloBytes.serverName("a.example")])
        expectMalformed(HelloBytes.records(message + [1, 0, 0, 0], sizes: []), .trailingBytes, "another message")
        expectMalformed(HelloBytes.records(message + [0], sizes: [20]), .trailingBytes, "in a second record")
    }

    /// Every length inside the hello, one too small and one too large.
    @Test(arguments: [43, 45, 50, 52]) func innerLengthsMustFit(offset: Int) {
        let good = HelloBytes.record([HelloBytes.serverName("a.example")])
        for change in [-1, 1, 100] {
            var bytes = good
            // The low byte of: session id, suites, compression, extensions.
            let place = [43: 43, 45: 45, 50: 50, 52: 53][offset] ?? 0
            bytes[place] = UInt8(truncatingIfNeeded: Int(bytes[place]) + change)
            #expect(read(bytes) == nil, "\(place), \(change)")
            #expect(ClientHello.parse(bytes) != .needMore)
        }
    }

    @Test func theLimitHolds() {
        // The padding extension (RFC 7685) up to the limit and one byte over it.
        let empty = HelloBytes.message([HelloBytes.extension(21, [])]).count
        for (size, fits) in [(Limits.clientHelloBytes, true), (Limits.clientHelloBytes + 1, false)] {
            let value = [UInt8](repeating: 0, count: size - empty - 4)
            // Two extensions, since one holds no more than 64 KiB either.
            let half = value.count / 2
            let message = HelloBytes.message([
                HelloBytes.extension(21, Array(value[..<half])), HelloBytes.extension(22, Array(value[half...])),
            ])
            let records = HelloBytes.records(message, sizes: [Int](repeating: 16384, count: 4))
            #expect(message.count == size)
            #expect((read(records) != nil) == fits)
        }
    }
}

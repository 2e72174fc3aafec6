import Testing

@testable import TLSInterception

@Suite("DER")
struct DERTests {
    @Test(arguments: [
        ([0x04], DERError.truncated), ([0x04, 0x02, 0x01], .truncated), ([0x04, 0x80, 0, 0], .indefiniteLength),
        ([0x04, 0x81, 0x01, 0x00], .lengthNotMinimal), ([0x04, 0x82, 0x00, 0x80], .lengthNotMinimal),
        ([0x04, 0x85, 1, 0, 0, 0, 0], .lengthTooLarge), ([0x04, 0x84, 0xff, 0xff, 0xff, 0xff], .truncated), ([0x1f, 0x81, 0x00], .tagTooLarge),
    ] as [([UInt8], DERError)])
    func refusesWhatIsNotDER(bytes: [UInt8], error: DERError) {
        #expect(throws: error) {
            var reader = DERReader(bytes)
            _ = try reader.read()
        }
    }

    @Test(arguments: [0, 1, 127, 128, 255, 256, 65_535, 65_536]) func writesLengthsThatItReads(count: Int) throws {
        let content = [UInt8](repeating: 7, count: count)
        var reader = DERReader(DERWriter.octetString(content) + DERWriter.boolean(true))
        let element = try reader.read(DERTag.octetString)
        #expect(Array(reader.content(of: element)) == content)
        #expect(try reader.readBoolean())
        #expect(reader.isAtEnd)
    }

    @Test(arguments: [([0x00], 0), ([0x7f], 127), ([0x00, 0x80], 128), ([0x01, 0x00], 256)] as [([UInt8], Int)])
    func readsIntegers(octets: [UInt8], value: Int) throws {
        var reader = DERReader(DERWriter.element(DERTag.integer, octets))
        #expect(try reader.readSmallInteger() == value)
        #expect(DERWriter.integer(UInt64(value)) == DERWriter.element(DERTag.integer, octets))
    }

    @Test(arguments: [[], [0x00, 0x7f], [0xff, 0x80], [0x80]] as [[UInt8]]) func refusesOtherIntegers(octets: [UInt8]) {
        #expect(throws: DERError.self) {
            var reader = DERReader(DERWriter.element(DERTag.integer, octets))
            _ = try reader.readSmallInteger()
        }
    }

    @Test(arguments: [
        (0, 1970, 1, 1), (951_782_400, 2000, 2, 29), (1_800_000_000, 2027, 1, 15), (2_524_608_000, 2050, 1, 1), (-86_400, 1969, 12, 31),
        (-2_208_988_800, 1900, 1, 1), (253_402_300_799, 9999, 12, 31), (4_107_542_400, 2100, 3, 1),
    ] as [(Int64, Int, Int, Int)])
    func knowsTheCalendar(seconds: Int64, year: Int, month: Int, day: Int) {
        let date = CivilDate(UnixTime(seconds: seconds))
        #expect((date.year, date.month, date.day) == (year, month, day))
        #expect(date.time == UnixTime(seconds: seconds))
    }

    @Test func writesTimesAsTheirYearAsks() {
        #expect(DERWriter.time(UnixTime(seconds: 2_524_607_999)) == DERWriter.element(DERTag.utcTime, Array("491231235959Z".utf8)))
        #expect(DERWriter.time(UnixTime(seconds: 2_524_608_000)) == DERWriter.element(DERTag.generalizedTime, Array("20500101000000Z".utf8)))
    }

    @Test(arguments: [
        ("2.5.29.15", [0x55, 0x1d, 0x0f]), ("1.2.840.113549.1.1.11", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]),
        ("2.16.840.1.101.3.4.2.1", [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]),
    ] as [(String, [UInt8])])
    func encodesIdentifiers(dotted: String, octets: [UInt8]) {
        #expect(ObjectIdentifier(stringLiteral: dotted).octets == octets)
    }

    /// Whatever a byte of a certificate becomes, and wherever it ends, reading it and every rule about it stay total.
    @Test func survivesEveryChangeOfACertificate() throws {
        let root = TestCertificate.root()
        var leaf = TestCertificate.leaf()
        leaf.constrain(permitted: TestCertificate.dns("example.com"), TestCertificate.address([1, 2, 3, 0, 255, 255, 255, 0]))
        leaf.set(.tlsFeature, DERWriter.sequence(DERWriter.integer(5)))
        let good = leaf.issued(by: root)
        var read = 0
        for index in good.indices {
            #expect(throws: DERError.self) { try Certificate(der: Array(good[..<index])) }
            for flip in [0x01, 0x20, 0x80, 0xff] as [UInt8] {
                var changed = good
                changed[index] ^= flip
                guard let certificate = try? Certificate(der: changed) else { continue }
                read += 1
                _ = certificate.unreadableExtension
                for position in [CertificatePosition.leaf, .intermediate, .anchor] {
                    _ = try? CertificateRules(origin: .system).check(certificate, at: position)
                }
            }
        }
        #expect(read > good.count)
    }
}

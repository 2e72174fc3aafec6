import TestSupport
import Testing
import WireFormats

@Suite("DNS responses")
struct DNSResponseTests {
    private func query(_ name: String = "a.example", _ type: DNSRecordType = .a, edns: UInt16? = 1232) throws -> DNSQuery {
        guard case .query(let query) = DNSQuery.parse(DNSBytes.query(name, type, edns: edns)) else { throw HostNameError.empty }
        return query
    }

    private let web = IPAddress(v4: 0x5db8_d822)

    @Test func answersWithTheAgentsOwnSpelling() throws {
        let response = DNSResponse(responseCode: DNSResponse.noError, addresses: [web], timeToLive: 60)
        let message = response.message(for: try query("A.eXample", edns: nil), sizeLimit: 512)
        #expect(
            message == DNSBytes.header(7, flags: 0x8180, counts: [1, 1, 0, 0]) + DNSBytes.question("A.eXample", .a)
                + DNSBytes.address(web, timeToLive: 60))
    }

    @Test func echoesRecursionOnlyWhereItWasAskedFor() throws {
        var query = try query(edns: nil)
        query.asked.recursionDesired = false
        let message = DNSResponse(responseCode: DNSResponse.noSuchName).message(for: query, sizeLimit: 512)
        #expect(message[2] == 0x80 && message[3] == 0x83)
    }

    @Test func sendsAnExtendedErrorToClientsOfEDNSOnly() throws {
        let response = DNSResponse(responseCode: DNSResponse.refused, extendedError: (code: 15, text: "no"))
        let plain = response.message(for: try query(edns: nil), sizeLimit: 512)
        #expect(plain == DNSBytes.header(7, flags: 0x8185, counts: [1, 0, 0, 0]) + DNSBytes.question("a.example", .a))
        let extended = response.message(for: try query(edns: 512), sizeLimit: 512)
        let opt = DNSBytes.record(.opt, owner: [0], class: 1232, timeToLive: 0, data: [0, 15, 0, 4, 0, 15, 0x6e, 0x6f])
        #expect(extended == DNSBytes.header(7, flags: 0x8185, counts: [1, 0, 0, 1]) + DNSBytes.question("a.example", .a) + opt)
    }

    @Test func sendsTheFirstOfMoreThanFitAndSaysSo() throws {
        let addresses = (0..<100).map { IPAddress(v4: 0x5db8_0000 + UInt32($0)) }
        let response = DNSResponse(responseCode: DNSResponse.noError, addresses: addresses, timeToLive: 60)
        let query = try query()
        for limit in [512, 513, 527, 528, 1232] {
            let message = response.message(for: query, sizeLimit: limit)
            #expect(message.count <= limit && message.count > limit - 16)
            let answer = try #require(DNSAnswer.parse(message, to: query, identifier: 7))
            #expect(answer.isTruncated && !answer.addresses.isEmpty)
            #expect(answer.addresses == Array(addresses.prefix(answer.addresses.count)))
        }
        let whole = response.message(for: query, sizeLimit: 4096)
        let all = try #require(DNSAnswer.parse(whole, to: query, identifier: 7))
        #expect(all.addresses == addresses && !all.isTruncated)
        // What a resolver cut stays cut, though all of it fits.
        let part = DNSResponse(responseCode: DNSResponse.noError, addresses: [web], timeToLive: 60, isPartial: true)
        #expect(DNSAnswer.parse(part.message(for: query, sizeLimit: 1232), to: query, identifier: 7)?.isTruncated == true)
    }

    /// Over TCP: up to what the length field holds, still cut past that.
    @Test(arguments: [(4000, false), (4090, false), (4096, true)])
    func aStreamTakesThousands(count: Int, isCut: Bool) throws {
        let addresses = (0..<count).map { IPAddress(v4: 0x5db8_0000 + UInt32($0)) }
        let message = DNSResponse(responseCode: DNSResponse.noError, addresses: addresses, timeToLive: 60)
            .message(for: try query(), sizeLimit: 65_535)
        let answer = try #require(DNSAnswer.parse(message, to: try query(), identifier: 7))
        #expect(message.count <= 65_535 && answer.isTruncated == isCut && (answer.addresses.count == count) != isCut)
    }

    /// The longest name, the longest text, the smallest datagram: the text gives way, on a character's edge.
    @Test(arguments: ["x", "ü", "漢", "🛂"])
    func theTextOfAnErrorIsCutToTheDatagram(character: String) throws {
        let name = [63, 63, 63, 61].map { String(repeating: "a", count: $0) }.joined(separator: ".")
        for text in [String(repeating: character, count: 600), "a" + String(repeating: character, count: 600)] {
            let response = DNSResponse(responseCode: DNSResponse.refused, extendedError: (code: 15, text: text))
            for (host, limit) in [(name, 512), (name, 1232), ("a.example", 512)] {
                let query = try query(host)
                let message = response.message(for: query, sizeLimit: limit)
                #expect(message.count <= limit)
                let opt = try #require(DNSRecord.read(message, at: 12 + query.question.count))
                #expect(opt.type == .opt && opt.next == message.count)
                let sent = Array(message[(opt.data.lowerBound + 6)...])
                #expect(sent.count > 100)
                #expect(String(validating: sent, as: UTF8.self).map { text.hasPrefix($0) } ?? false)
            }
        }
    }

    @Test func answersGarbageWithFormatError() {
        #expect(DNSResponse.formatErrorMessage(identifier: 0xbeef) == DNSBytes.header(0xbeef, flags: 0x8081, counts: [0, 0, 0, 0]))
    }
}

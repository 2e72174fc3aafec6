import GatewayCore
import Policy
import TestSupport
import Testing
import WireFormats

/// Questions that were answered or refused before, which are looked up by their bytes.
@Suite("Names that are known")
struct KnownNameTests {
    private static let rules = "allow: [web.example.com, \"*.cdn.example.net\"]\n"
    private static let web = "93.184.216.34"

    /// The packet without what differs from question to question: checksums, and the message's identifier.
    private static func message(_ packet: [UInt8]) -> [UInt8] { Array(packet.dropFirst(20 + 8 + 2)) }

    /// Resolvers' and clients' guard against forged answers: letters in random case, to be repeated (“0x20”).
    @Test(arguments: ["web.example.com", "WEB.EXAMPLE.COM", "wEb.ExAmPlE.cOm"])
    func everySpellingIsAnsweredInItsOwn(spelling: String) throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("Web.example.com")
        try play.whenResolver([Self.web])
        play.whenQuery(spelling)
        play.expect("answer NOERROR 93.184.216.34 ttl 300 | allow")
        #expect(play.echoedQuestion == DNSBytes.question(spelling, .a))
        play.whenQuery("x" + spelling)
        play.expect("answer REFUSED ede 15 | deny dns.name_not_allowed")
    }

    @Test func aQuestionIsAnsweredTheWayItCame() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver((1...40).map { "93.184.216.\($0)" })
        play.whenQuery("web.example.com", edns: nil)
        // 12 and 21 bytes, then 16 each, in 512.
        #expect(play.isCut && play.addressCount == 29)
        play.whenQuery("web.example.com", edns: 600)
        #expect(play.isCut && play.addressCount == 34)
        play.whenQuery("web.example.com", edns: 4096, v6: true)
        #expect(!play.isCut && play.addressCount == 40)
        play.whenMessage(DNSBytes.header(0xbeef, flags: 0, counts: [1, 0, 0, 0]) + DNSBytes.question("web.example.com", .a))
        #expect(Array(play.answers[28..<32]) == [0xbe, 0xef, 0x82, 0x80], "cut, and no recursion was desired")
        play.whenStream(3, DNSBytes.query("web.example.com", .a))
        #expect(!play.isCut && play.addressCount == 40)
        // Known or not, what is malformed is.
        play.whenMessage(DNSBytes.query("web.example.com", .a) + [0])
        play.expect("answer FORMERR | deny dns.malformed")
    }

    @Test func addressesOfBothFamiliesAreKeptApart() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver([Self.web], timeToLive: 60)
        play.whenQuery("web.example.com", .aaaa)
        try play.whenResolver(["2606:2800:220:1::1"], timeToLive: 90)
        play.wait(seconds: 20)
        play.whenQuery("web.example.com")
        play.expect("answer NOERROR 93.184.216.34 ttl 40 | allow")
        play.whenQuery("web.example.com", .aaaa)
        play.expect("answer NOERROR 2606:2800:220:1::1 ttl 70 | allow")
        play.whenQuery("web.example.com", .https)
        play.expect("ask web.example.com HTTPS")
        play.wait(seconds: 40)
        play.whenQuery("web.example.com")
        play.expect("ask web.example.com A")
        play.whenQuery("web.example.com", .aaaa)
        play.expect("answer NOERROR 2606:2800:220:1::1 ttl 30 | allow")
    }

    @Test func theDecisionIsWholeEachTime() throws {
        let policy = try PolicyText.compile(Self.rules)
        var play = PacketPlaybook(policy: policy)
        play.whenQuery("web.example.com")
        try play.whenResolver([Self.web])
        let origin = policy.nameVerdict(try HostName("web.example.com")).origin
        let expected = Decision(
            stage: .dns, action: .allow, agent: PacketPlaybook.agent, subject: "web.example.com A", detail: "from the cache",
            origin: origin)
        for _ in 0..<3 {
            play.whenQuery("WEB.example.com")
            #expect(play.decision == expected)
        }
    }

    // Refusals

    @Test(arguments: [1232, 512, nil] as [UInt16?])
    func aRefusalIsTheSameAgain(edns: UInt16?) throws {
        let rules = "allow: [\"*.example.com\"]\ndeny: [evil.example.com]\n"
        for name in ["other.example.org", "evil.example.com", "dns.google"] {
            for type in [DNSRecordType.a, .aaaa, .https, DNSRecordType(rawValue: 16)] {
                var fresh = try PacketPlaybook(rules)
                fresh.whenQuery(name, type, edns: edns)
                var play = try PacketPlaybook(rules)
                play.whenQuery(name)
                play.whenQuery(name, type, edns: edns)
                #expect(play.decision == fresh.decision && play.decision?.action == .deny)
                #expect(Self.message(play.answers) == Self.message(fresh.answers))
            }
        }
    }

    @Test func observeModeRemembersNoRefusal() throws {
        var play = try PacketPlaybook("mode: observe\n" + Self.rules)
        play.whenQuery("other.example.org")
        try play.whenResolver([Self.web])
        for _ in 0..<2 {
            play.whenQuery("other.example.org")
            play.expect("answer NOERROR 93.184.216.34 ttl 300 | observe dns.name_not_allowed")
            #expect(play.detail == "from the cache" && play.remedy == "- host: other.example.org")
        }
    }

    /// Where observe mode lets an answer out of a refused zone, the log says so, and for no longer than the zone is refused.
    @Test func aBudgetThatIsWaivedIsToldEachTime() throws {
        var play = try PacketPlaybook("mode: observe\nallow: [\"*.cdn.example.net\"]\nbudgets: { dns_unique_names_per_minute: 1 }\n")
        play.whenQuery("a.cdn.example.net")
        try play.whenResolver([Self.web], timeToLive: 3600)
        play.whenQuery("b.cdn.example.net")
        try play.whenResolver([Self.web], timeToLive: 3600)
        for name in ["a.cdn.example.net", "b.cdn.example.net"] {
            play.whenQuery(name)
            play.expect("answer NOERROR 93.184.216.34 ttl 3600 | observe dns.budget_exceeded")
        }
        play.wait(seconds: 300)
        for name in ["a.cdn.example.net", "b.cdn.example.net"] {
            play.whenQuery(name)
            play.expect("answer NOERROR 93.184.216.34 ttl 3300 | allow")
        }
    }

    // A batch

    @Test func answersLieOneBehindTheOther() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver([Self.web])
        var (batch, single): ([UInt8], [UInt8]) = ([], [])
        for (name, v6) in [("web.example.com", false), ("evil.example.com", true), ("web.example.com", true), ("evil.example.com", false), ("", false)] {
            let question = DNSBytes.query(name, .a, identifier: UInt16(batch.count))
            let packet = try #require(
                UDPDatagram.packet(
                    from: v6 ? PacketPlaybook.agent6 : PacketPlaybook.agent4, port: 40_000,
                    to: v6 ? PacketPlaybook.resolver6 : PacketPlaybook.resolver4, port: 53, payload: question))
            var alone: [UInt8] = []
            for isBatch in [true, false] {
                let outcome = if isBatch {
                    play.plane.packet(packet.span, queuedAs: 1, pins: play.pins, identifier: 1, at: play.now, answers: &batch)
                } else {
                    play.plane.packet(packet.span, queuedAs: 1, pins: play.pins, identifier: 1, at: play.now, answers: &alone)
                }
                guard case .answer = outcome else { return #expect(Bool(false), "\(name)") }
            }
            single += alone
            #expect(!alone.isEmpty && batch == single)
        }
    }

    // Hashes

    private static func entry(_ address: String, until seconds: UInt64 = 60) throws -> AnswerCache.Entry {
        AnswerCache.Entry(
            addresses: [try #require(IPAddress(address))],
            decision: Decision(stage: .dns, action: .allow, agent: PacketPlaybook.agent, subject: address),
            domain: "example", expiry: Timestamp(nanoseconds: seconds * 1_000_000_000))
    }

    @Test func namesOfOneHashAreNeverMistaken() throws {
        var cache = AnswerCache()
        let now = Timestamp(nanoseconds: 0)
        let (first, second) = (DNSBytes.name("a.example"), DNSBytes.name("b.example"))
        func address(_ name: [UInt8], _ type: DNSRecordType = .a) -> String? {
            cache.answer(for: name.span, hash: 7, type, at: now)?.entry.decision.subject
        }
        cache.keep(try Self.entry("1.1.1.1"), for: first.span, hash: 7, .a, at: now)
        #expect(address(first) == "1.1.1.1" && address(second) == nil && address(first, .aaaa) == nil)
        #expect(address(DNSBytes.name("A.EXAMPLE")) == "1.1.1.1")
        // The same text, but other labels.
        #expect(address([9] + Array("a.example".utf8) + [0]) == nil && address([1, 0x61, 8] + Array("example".utf8) + [0]) == nil)
        cache.keep(try Self.entry("2.2.2.2"), for: second.span, hash: 7, .a, at: now)
        #expect(address(first) == nil && address(second) == "2.2.2.2")
    }

    @Test func whatIsOverMakesRoomForNewAnswers() throws {
        var cache = AnswerCache()
        let name = DNSBytes.name("a.example")
        for hash in 0...Limits.cachedAnswers {
            cache.keep(try Self.entry("1.1.1.1", until: 60 + UInt64(hash)), for: name.span, hash: hash, .a, at: Timestamp(nanoseconds: 0))
        }
        func holds(_ hash: Int, _ now: Timestamp) -> Bool { cache.answer(for: name.span, hash: hash, .a, at: now) != nil }
        let start = Timestamp(nanoseconds: 0)
        #expect(holds(0, start) && holds(Limits.cachedAnswers - 1, start) && !holds(Limits.cachedAnswers, start))
        let later = start.advanced(bySeconds: 60)
        cache.keep(try Self.entry("1.1.1.1", until: 999), for: name.span, hash: -1, .a, at: later)
        #expect(holds(-1, later) && !holds(0, later) && holds(1, later))
        // Less than a second is none.
        let end = Timestamp(nanoseconds: 998_000_000_001)
        #expect(!holds(-1, end))
    }

    @Test func refusalsAreBoundedAndNeverMistaken() throws {
        var refusals = RefusedNames()
        func entry(_ text: String) -> RefusedNames.Entry {
            RefusedNames.Entry(
                response: DNSResponse(responseCode: DNSResponse.refused, extendedError: (code: 15, text: text)),
                decision: Decision(stage: .dns, action: .deny, agent: PacketPlaybook.agent, subject: text))
        }
        let (first, second) = (DNSBytes.name("a.example"), DNSBytes.name("b.example"))
        refusals.keep(entry("a"), for: first.span, hash: 3)
        func subject(_ name: [UInt8]) -> String? { refusals.entry(for: name.span, hash: 3)?.decision.subject }
        #expect(subject(first) == "a" && subject(second) == nil && subject(DNSBytes.name("A.Example")) == "a")
        refusals.keep(entry("b"), for: second.span, hash: 3)
        #expect(subject(first) == nil && subject(second) == "b")
        for hash in 1...Limits.rememberedRefusals { refusals.keep(entry("c"), for: first.span, hash: -hash) }
        let count = refusals.count
        #expect(count == 1 && subject(second) == nil)
        refusals.keep(entry("a"), for: first.span, hash: 3)
        #expect(subject(first) == "a")
    }
}

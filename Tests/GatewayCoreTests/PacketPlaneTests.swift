import GatewayCore
import Policy
import Rulesets
import TestSupport
import Testing
import WireFormats

@Suite("Packet plane")
struct PacketPlaneTests {
    static let rules = """
        allow:
          - host: web.example.com
          - host: "*.cdn.example.com"
          - host: db.example.com
            ports: [5432]
          - address: 10.1.2.3/32
            ports: [5432]
        deny:
          - host: bad.cdn.example.com
          - address: 93.184.216.99/32

        """
    static let web = "93.184.216.34"

    @Test func anAllowedNameIsAskedPinnedReleasedAndReachable() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("Web.Example.com")
        play.expect("ask web.example.com A")
        try play.whenSYN(Self.web)
        play.expect("refuse | deny ip.not_resolved")
        try play.whenResolver([Self.web])
        play.expect("answer NOERROR 93.184.216.34 ttl 300 | allow")
        try play.whenSYN(Self.web)
        play.expect("pass intercepted")
        try play.whenSYN("93.184.216.35")
        play.expect("refuse | deny ip.not_resolved")
    }

    @Test func theSameOverIPv6() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com", .aaaa, v6: true)
        play.expect("ask web.example.com AAAA")
        try play.whenResolver(["2606:2800:220:1::34"])
        play.expect("answer NOERROR 2606:2800:220:1::34 ttl 300 | allow")
        try play.whenSYN("2606:2800:220:1::34")
        play.expect("pass intercepted")
    }

    @Test func questionsCarryFreshIdentifiersAndNothingOfTheAgents() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("wEb.example.com", edns: nil)
        play.whenQuery("web.example.com")
        let messages = play.questions.map(\.message)
        #expect(messages[0] == DNSBytes.query("web.example.com", .a, identifier: 101))
        #expect(messages[1] == DNSBytes.query("web.example.com", .a, identifier: 102))
    }

    /// Name, type, and the answer that comes at once.
    static let refusals: [(String, DNSRecordType, String)] = [
        ("other.example.com", .a, "answer REFUSED ede 15 | deny dns.name_not_allowed"),
        ("example.com", .a, "answer REFUSED ede 15 | deny dns.name_not_allowed"),
        ("cdn.example.com", .a, "answer REFUSED ede 15 | deny dns.name_not_allowed"),
        ("bad.cdn.example.com", .a, "answer REFUSED ede 15 | deny dns.name_denied"),
        ("web.example.com", DNSRecordType(rawValue: 16), "answer REFUSED ede 21 | deny dns.type_not_allowed"),
        ("web.example.com", DNSRecordType(rawValue: 255), "answer REFUSED ede 21 | deny dns.type_not_allowed"),
        ("other.example.com", .https, "answer REFUSED ede 15 | deny dns.name_not_allowed"),
    ]

    @Test(arguments: refusals)
    func isAnsweredAtOnce(name: String, type: DNSRecordType, words: String) throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery(name, type)
        play.expect(words)
        let asked = play.questions.count
        #expect(asked == 0)
    }

    @Test func withoutEDNSThereIsNoExtendedError() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("other.example.com", edns: nil)
        play.expect("answer REFUSED | deny dns.name_not_allowed")
    }

    @Test func malformedMessagesGetAnErrorOrNothing() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenMessage(DNSBytes.query("web.example.com", .a) + [0])
        play.expect("answer FORMERR | deny dns.malformed")
        play.whenMessage([1])
        play.expect("drop | deny dns.malformed")
        play.whenMessage(DNSBytes.answer("web.example.com", .a, identifier: 1, records: []))
        play.expect("drop | deny dns.malformed")
    }

    // Names that lead inside

    @Test func privateAnswersAreNotReleased() throws {
        var play = try PacketPlaybook(Self.rules)
        for address in ["10.0.0.5", "169.254.169.254", "127.0.0.1", "0.0.0.0", "100.64.0.1", "224.0.0.1"] {
            play.whenQuery("web.example.com")
            try play.whenResolver([address])
            play.expect("answer NOERROR ede 15 | deny dns.answer_private")
            try play.whenSYN(address)
            play.expect("refuse | deny ip.private")
        }
    }

    @Test func onlyThePublicPartOfAnAnswerIsReleased() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver(["10.0.0.5", Self.web, "127.0.0.1"])
        play.expect("answer NOERROR 93.184.216.34 ttl 300 | allow")
        try play.whenSYN("10.0.0.5")
        play.expect("refuse | deny ip.private")
        try play.whenSYN(Self.web)
        play.expect("pass intercepted")
    }

    @Test func aRuleForOnePortOfAnInsideAddressOpensNoOther() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver(["10.1.2.3"])
        play.expect("answer NOERROR 10.1.2.3 ttl 300 | allow")
        try play.whenSYN("10.1.2.3", 443)
        play.expect("refuse | deny ip.private")
        try play.whenSYN("10.1.2.3", 5432)
        play.expect("pass direct | allow")
    }

    // Connections

    @Test func addressRulesNeedNoName() throws {
        var play = try PacketPlaybook(Self.rules)
        try play.whenSYN("10.1.2.3", 5432)
        play.expect("pass direct | allow")
        try play.whenSYN("10.1.2.3", 22)
        play.expect("refuse | deny ip.port_not_allowed")
        try play.whenSYN("10.1.2.4", 5432)
        play.expect("refuse | deny ip.private")
        try play.whenSYN("::ffff:10.1.2.4", 5432)
        play.expect("refuse | deny ip.private")
    }

    @Test func aDeniedAddressStaysDeniedWhateverNameLeadsToIt() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver(["93.184.216.99"])
        try play.whenSYN("93.184.216.99")
        play.expect("refuse | deny ip.denied")
    }

    @Test func portsComeFromTheNamesRule() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("db.example.com")
        try play.whenResolver([Self.web])
        try play.whenSYN(Self.web, 443)
        play.expect("refuse | deny ip.port_not_allowed")
        try play.whenSYN(Self.web, 5432)
        play.expect("pass intercepted")
        // A second name on the same address brings its own ports.
        play.whenQuery("web.example.com")
        try play.whenResolver([Self.web])
        try play.whenSYN(Self.web, 443)
        play.expect("pass intercepted")
        try play.whenSYN(Self.web, 22)
        play.expect("refuse | deny ip.port_not_allowed")
    }

    @Test func pinsEndWithTheirLifetimeAndGrace() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver([Self.web], timeToLive: 60)
        play.wait(seconds: 60 + Limits.pinGraceSeconds - 1)
        try play.whenSYN(Self.web)
        play.expect("pass intercepted")
        play.wait(seconds: 1)
        try play.whenSYN(Self.web)
        play.expect("refuse | deny ip.not_resolved")
    }

    @Test func lifetimesAreShortened() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver([Self.web], timeToLive: .max)
        play.expect("answer NOERROR 93.184.216.34 ttl 3600 | allow")
        play.wait(seconds: 3600 + Limits.pinGraceSeconds)
        try play.whenSYN(Self.web)
        play.expect("refuse | deny ip.not_resolved")
    }

    // Packets of other kinds

    static let others: [(String, [UInt8], String)] = [
        ("QUIC", UDPDatagram.packet(from: PacketPlaybook.agent4, port: 9, to: IPAddress(v4: 0x5db8_d822), port: 443, payload: [1]) ?? [],
         "refuse | deny ip.protocol_not_allowed"),
        ("ping", PacketBytes.ip(1, from: PacketPlaybook.agent4, to: IPAddress(v4: 0x5db8_d822), payload: [8, 0, 0, 0, 0, 0, 0, 0]),
         "refuse | deny ip.protocol_not_allowed"),
        ("SCTP", PacketBytes.ip(132, from: PacketPlaybook.agent6, to: PacketPlaybook.resolver6, payload: [0, 1, 0, 2]),
         "refuse | deny ip.protocol_not_allowed"),
        ("an ACK", PacketBytes.tcp(from: PacketPlaybook.agent4, to: IPAddress(v4: 0x5db8_d822), port: 443, flags: PacketBytes.ack),
         "drop | deny ip.malformed"),
        ("a short SYN", PacketBytes.ip(6, from: PacketPlaybook.agent4, to: IPAddress(v4: 0x5db8_d822), payload: [1, 2, 3]),
         "drop | deny ip.malformed"),
        ("a short datagram", PacketBytes.ip(17, from: PacketPlaybook.agent4, to: PacketPlaybook.resolver4, payload: [0, 1, 0, 53]),
         "drop | deny ip.malformed"),
        ("nothing", [], "drop | deny ip.malformed"), ("noise", [UInt8](repeating: 0xff, count: 60), "drop | deny ip.malformed"),
    ]

    @Test(arguments: others)
    func isNotLetThrough(what: String, packet: [UInt8], words: String) throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenPacket(packet)
        play.expect(words)
    }

    @Test func fragmentsAreDropped() throws {
        var play = try PacketPlaybook(Self.rules)
        var fragment = PacketBytes.tcp(from: PacketPlaybook.agent4, to: try #require(IPAddress("10.1.2.3")), port: 5432)
        fragment[6] = 0x20
        play.whenPacket(fragment)
        play.expect("drop | deny ip.malformed")
    }

    // Resolvers

    @Test func aResolverThatFailsIsReported() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolverFails()
        play.expect("answer SERVFAIL ede 22 | deny dns.upstream_failed")
        try play.whenResolver([Self.web])
        play.expect("ignore")
        for code in [2, 5] as [UInt16] {
            play.whenQuery("web.example.com")
            try play.whenResolver([], flags: 0x8180 | code)
            play.expect("ask the next")
            try play.whenResolverFails()
            play.expect("answer SERVFAIL ede 22 | deny dns.upstream_failed")
        }
        try play.whenSYN(Self.web)
        play.expect("refuse | deny ip.not_resolved")
    }

    @Test func namesThatDoNotExistAreToldSo() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver([], flags: 0x8183)
        play.expect("answer NXDOMAIN | allow")
        play.whenQuery("web.example.com", .aaaa)
        try play.whenResolver([])
        play.expect("answer NOERROR | allow")
    }

    @Test func forgedAnswersAreNotBelieved() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        let token = try #require(play.questions.last).token
        let records = [DNSBytes.address(try #require(IPAddress(Self.web)))]
        play.whenResolver(DNSBytes.answer("web.example.com", .a, identifier: 999, records: records), token: token)
        play.expect("ignore")
        play.whenResolver(DNSBytes.answer("evil.example.com", .a, identifier: 101, records: records), token: token)
        play.expect("ignore")
        play.whenResolver(DNSBytes.answer("web.example.com", .a, identifier: 101, records: records), token: token + 1)
        play.expect("ignore")
        try play.whenSYN(Self.web)
        play.expect("refuse | deny ip.not_resolved")
        // The question still waits for the real one, which counts once.
        try play.whenResolver([Self.web])
        play.expect("answer NOERROR 93.184.216.34 ttl 300 | allow")
        try play.whenResolver([Self.web])
        play.expect("ignore")
    }

    @Test func cutAnswersAreAskedForOverTCP() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver([], flags: 0x8380)
        play.expect("ask over TCP")
        try play.whenResolver([Self.web])
        play.expect("answer NOERROR 93.184.216.34 ttl 300 | allow")
    }

    @Test func theLimitOfWaitingQuestionsHolds() throws {
        var play = try PacketPlaybook(Self.rules)
        for _ in 0..<Limits.pendingQueries {
            play.whenQuery("web.example.com")
            play.expect("ask web.example.com A")
        }
        play.whenQuery("web.example.com")
        play.expect("answer SERVFAIL ede 18 | deny dns.too_many_queries")
        try play.whenResolver([])
        play.whenQuery("web.example.com")
        play.expect("ask web.example.com A")
    }

    @Test func anAnswerThatCannotBePinnedIsNotReleased() throws {
        var play = try PacketPlaybook(Self.rules)
        for index in 0..<Limits.namesPerAddress {
            play.whenQuery("n\(index).cdn.example.com")
            try play.whenResolver([Self.web])
            play.expect("answer NOERROR 93.184.216.34 ttl 300 | allow")
            // Slow enough for the zone's budget.
            play.wait(seconds: 2)
        }
        play.whenQuery("one-more.cdn.example.com")
        try play.whenResolver([Self.web])
        play.expect("answer SERVFAIL ede 0 | deny ip.too_many_flows")
    }

    // Modes

    @Test func observeLetsPassWhatOnlyThePolicyRefuses() throws {
        var play = try PacketPlaybook("mode: observe\n" + Self.rules)
        play.whenQuery("other.example.com")
        play.expect("ask other.example.com A")
        try play.whenResolver([Self.web])
        play.expect("answer NOERROR 93.184.216.34 ttl 300 | observe dns.name_not_allowed")
        try play.whenSYN(Self.web)
        play.expect("pass intercepted | observe dns.name_not_allowed")
        try play.whenSYN("93.184.216.50")
        play.expect("pass direct | observe ip.not_resolved")
        try play.whenSYN("93.184.216.99")
        play.expect("pass direct | observe ip.denied")
        // Never waived.
        try play.whenSYN("10.0.0.5")
        play.expect("refuse | deny ip.private")
        play.whenQuery("other.example.com", .aaaa)
        try play.whenResolver(["fd00:ec2::254"])
        play.expect("answer NOERROR ede 15 | deny dns.answer_private")
        play.whenQuery("other.example.com", DNSRecordType(rawValue: 16))
        play.expect("answer REFUSED ede 21 | deny dns.type_not_allowed")
    }

    @Test func withoutAPolicyEverythingIsRefused() throws {
        var play = PacketPlaybook(policy: PolicyModel.empty.compiled())
        play.whenQuery("web.example.com")
        play.expect("answer REFUSED ede 15 | deny policy.missing")
        try play.whenSYN(Self.web)
        play.expect("refuse | deny policy.missing")
    }

    @Test func anEmptyAllowListAllowsNothing() throws {
        var play = try PacketPlaybook("")
        play.whenQuery("web.example.com")
        play.expect("answer REFUSED ede 15 | deny dns.name_not_allowed")
        try play.whenSYN(Self.web)
        play.expect("refuse | deny ip.not_resolved")
    }

    // The ruleset

    @Test func marksAreThoseOfTheRuleset() throws {
        var defined: [String: UInt32] = [:]
        for line in Rulesets.gateway.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 4, words[0] == "define", words[2] == "=", words[3].hasPrefix("0x") else { continue }
            defined[String(words[1])] = UInt32(words[3].dropFirst(2), radix: 16)
        }
        #expect(defined == Dictionary(uniqueKeysWithValues: FlowMark.allCases.map { ("\($0)", $0.rawValue) }))
    }
}

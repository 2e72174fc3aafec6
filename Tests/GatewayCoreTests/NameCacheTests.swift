import GatewayCore
import Policy
import TestSupport
import Testing
import WireFormats

@Suite("Names asked again")
struct NameCacheTests {
    private static let rules = "allow: [web.example.com, \"*.cdn.example.net\"]\n"
    private static let web = "93.184.216.34"

    @Test func aRepeatedQuestionIsAnsweredWithWhatIsLeftOfItsLifetime() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver([Self.web], timeToLive: 60)
        play.wait(seconds: 10)
        play.whenQuery("WEB.example.com")
        play.expect("answer NOERROR 93.184.216.34 ttl 50 | allow")
        let detail = play.detail
        #expect(detail == "from the cache")
        play.whenQuery("web.example.com", .aaaa)
        play.expect("ask web.example.com AAAA")
        play.wait(seconds: 49)
        play.whenQuery("web.example.com")
        play.expect("answer NOERROR 93.184.216.34 ttl 1 | allow")
        play.wait(seconds: 1)
        play.whenQuery("web.example.com")
        play.expect("ask web.example.com A")
    }

    @Test func aCachedAnswerDoesNotLengthenThePin() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver([Self.web], timeToLive: 60)
        play.wait(seconds: 59)
        play.whenQuery("web.example.com")
        play.expect("answer NOERROR 93.184.216.34 ttl 1 | allow")
        // 60 seconds and the grace after the resolver's answer, not after ours.
        play.wait(seconds: Limits.pinGraceSeconds)
        try play.whenSYN(Self.web)
        play.expect("pass intercepted")
        play.wait(seconds: 1)
        try play.whenSYN(Self.web)
        play.expect("refuse | deny ip.not_resolved")
    }

    @Test func onlyAddressesAreKept() throws {
        var play = try PacketPlaybook(Self.rules)
        for (addresses, flags, lifetime) in [([], 0x8183, 300), ([], 0x8180, 300), (["10.0.0.5"], 0x8180, 300), ([Self.web], 0x8180, 0)]
            as [([String], UInt16, UInt32)]
        {
            play.whenQuery("web.example.com")
            play.expect("ask web.example.com A")
            try play.whenResolver(addresses, timeToLive: lifetime, flags: flags)
        }
        play.whenQuery("web.example.com")
        play.expect("ask web.example.com A")
    }

    @Test func onlyThePublicPartIsKept() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("web.example.com")
        try play.whenResolver(["10.0.0.5", Self.web])
        play.whenQuery("web.example.com")
        play.expect("answer NOERROR 93.184.216.34 ttl 300 | allow")
    }

    @Test func theCacheIsBounded() throws {
        let budget = "budgets: { dns_unique_names_per_minute: 100000, dns_bytes_per_zone_per_hour: 1GiB }\n"
        var play = try PacketPlaybook(Self.rules + budget)
        for index in 0...Limits.cachedAnswers {
            play.whenQuery("n\(index).cdn.example.net")
            try play.whenResolver(["93.\(index >> 16 & 63).\(index >> 8 & 255).\(index & 255)"])
        }
        play.whenQuery("n0.cdn.example.net")
        play.expect("answer NOERROR 93.0.0.0 ttl 300 | allow")
        play.whenQuery("n\(Limits.cachedAnswers).cdn.example.net")
        play.expect("ask n\(Limits.cachedAnswers).cdn.example.net A")
        // What is over makes room.
        play.wait(seconds: 301)
        play.whenQuery("late.cdn.example.net")
        try play.whenResolver([Self.web])
        play.whenQuery("late.cdn.example.net")
        play.expect("answer NOERROR 93.184.216.34 ttl 300 | allow")
    }

    /// A refused zone gets nothing out of the cache either.
    @Test func budgetsJudgeCachedAnswersToo() throws {
        var play = try PacketPlaybook("allow: [\"*.cdn.example.net\"]\nbudgets: { dns_unique_names_per_minute: 1 }\n")
        play.whenQuery("a.cdn.example.net")
        try play.whenResolver([Self.web])
        play.whenQuery("b.cdn.example.net")
        play.whenQuery("a.cdn.example.net")
        play.expect("answer REFUSED ede 18 | deny dns.budget_exceeded")
    }

    // Pins

    /// A content network's address that is reused for another name.
    @Test func anAddressServesTheNamesItWasGivenFor() throws {
        let rules = "allow: [{ host: a.example, ports: [443] }, { host: b.example, ports: [8443] }]\n"
        var play = try PacketPlaybook(rules)
        play.whenQuery("a.example")
        try play.whenResolver([Self.web], timeToLive: 60)
        try play.whenSYN(Self.web, 8443)
        play.expect("refuse | deny ip.port_not_allowed")
        let flow = FlowGuard(
            agent: PacketPlaybook.agent, address: try #require(IPAddress(Self.web)), port: 8443, policy: try PolicyText.compile(rules))
        guard case .hello(let hello) = ClientHello.parse(HelloBytes.record([HelloBytes.serverName("b.example")])) else { return }
        let (pins, now) = (play.pins, play.now)
        func judge(_ pins: PinTable) -> Reason? {
            switch flow.judge(hello, isPinned: { name in pins.contains(flow.address, for: flow.agent, at: now) { $0 == name } }) {
            case .accept, .relay: nil
            case .refuse(_, let denial, _): denial.reason
            }
        }
        #expect(judge(pins) == .tlsSNIMismatch)
        // Once b is there, too, each has its own port.
        play.whenQuery("b.example")
        try play.whenResolver([Self.web])
        #expect(judge(play.pins) == nil)
        for (port, words) in [(443, "pass intercepted"), (8443, "pass intercepted"), (22, "refuse | deny ip.port_not_allowed")] as [(UInt16, String)] {
            try play.whenSYN(Self.web, port)
            play.expect(words)
        }
        // And its own lifetime.
        play.wait(seconds: 60 + Limits.pinGraceSeconds)
        try play.whenSYN(Self.web, 443)
        play.expect("refuse | deny ip.port_not_allowed")
        try play.whenSYN(Self.web, 8443)
        play.expect("pass intercepted")
    }
}

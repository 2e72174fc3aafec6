import GatewayCore
import Policy
import TestSupport
import Testing
import WireFormats

/// Tunnels inside allowed zones, and agents that are none.
@Suite("Name budgets")
struct NameBudgetTests {
    private static let rules = "allow: [\"*.tunnel.example.com\", \"*.cdn.example.net\", api.example.com]\n"
    private static let web = "93.184.216.34"

    private static let budgetRefusal = "answer REFUSED ede 18 | deny dns.budget_exceeded"
    private static let tunnelRefusal = "answer REFUSED ede 15 | deny dns.tunnel_suspected"

    private static func randomLabel(_ length: Int, _ generator: inout SplitMix64) -> String {
        String((0..<length).map { _ in "abcdefghijklmnopqrstuvwxyz234567".randomElement(using: &generator) ?? "a" })
    }

    // New names

    @Test func theSixtyFirstNewNameOfAMinuteClosesTheZone() throws {
        var play = try PacketPlaybook(Self.rules)
        for index in 0..<60 {
            play.whenQuery("n\(index).tunnel.example.com")
            play.expect("ask n\(index).tunnel.example.com A")
            try play.whenResolver([], flags: 0x8183)
        }
        // Known names cost nothing, of any type.
        play.whenQuery("n1.tunnel.example.com", .aaaa)
        play.expect("ask n1.tunnel.example.com AAAA")
        play.whenQuery("n60.tunnel.example.com")
        play.expect(Self.budgetRefusal)
        let detail = play.detail
        #expect(detail == "example.com: 61 new names in a minute, 60 allowed; refused for 300 s")
        // Names that are known, too, and those of exact rules: whoever runs the zone sees them all.
        for name in ["n1.tunnel.example.com", "api.example.com"] {
            play.whenQuery(name)
            play.expect(Self.budgetRefusal)
        }
        let later = play.detail
        #expect(later == "example.com is refused for 300 s more")
        // Other zones go on.
        play.whenQuery("a.cdn.example.net")
        play.expect("ask a.cdn.example.net A")
        play.wait(seconds: 299)
        play.whenQuery("api.example.com")
        play.expect(Self.budgetRefusal)
        play.wait(seconds: 1)
        play.whenQuery("api.example.com")
        play.expect("ask api.example.com A")
    }

    @Test func slowAgentsAreNotHit() throws {
        var play = try PacketPlaybook(Self.rules)
        for index in 0..<300 {
            play.whenQuery("n\(index).tunnel.example.com")
            play.expect("ask n\(index).tunnel.example.com A")
            try play.whenResolver([Self.web], flags: 0x8183)
            play.wait(seconds: 2)
        }
    }

    @Test func aNameOfTheLastHourIsNotNew() throws {
        var play = try PacketPlaybook(Self.rules)
        for index in 0..<50 { play.whenQuery("n\(index).tunnel.example.com") }
        play.wait(seconds: 3700)
        for index in 0..<50 { play.whenQuery("n\(index).tunnel.example.com") }
        for index in 50..<110 {
            play.whenQuery("n\(index).tunnel.example.com")
            play.expect("ask n\(index).tunnel.example.com A")
        }
        play.whenQuery("late.tunnel.example.com")
        play.expect(Self.budgetRefusal)
    }

    @Test func theBudgetIsThePolicys() throws {
        var play = try PacketPlaybook(Self.rules + "budgets: { dns_unique_names_per_minute: 2 }\n")
        for name in ["a", "b", "a"] { play.whenQuery("\(name).tunnel.example.com") }
        play.expect("ask a.tunnel.example.com A")
        play.whenQuery("c.tunnel.example.com")
        play.expect(Self.budgetRefusal)
    }

    @Test func overTCPTheBudgetIsTheSame() throws {
        var play = try PacketPlaybook(Self.rules + "budgets: { dns_unique_names_per_minute: 2 }\n")
        play.whenQuery("a.tunnel.example.com")
        play.whenStream(1, DNSBytes.query("b.tunnel.example.com", .a))
        play.whenStream(2, DNSBytes.query("c.tunnel.example.com", .a))
        play.expect("stream 2 " + Self.budgetRefusal)
    }

    // Bytes

    @Test func bytesOfNewNamesAreCounted() throws {
        var play = try PacketPlaybook(Self.rules + "budgets: { dns_bytes_per_zone_per_hour: 1KiB, dns_unique_names_per_minute: 1000 }\n")
        var asked = 0
        for index in 0..<100 {
            play.whenQuery(String(repeating: "a", count: 60) + ".\(index).tunnel.example.com")
            asked = play.questions.count
        }
        // 82 bytes a name.
        #expect(asked == 12)
        play.expect(Self.budgetRefusal)
        // An hour's budget is not back after the zone's rest.
        play.wait(seconds: 301)
        play.whenQuery("api.example.com")
        play.expect(Self.budgetRefusal)
        play.wait(seconds: 3600)
        play.whenQuery("api.example.com")
        play.expect("ask api.example.com A")
    }

    /// Down the tunnel: the same name, ever new addresses.
    @Test func bytesOfNewAddressesAreCounted() throws {
        var play = try PacketPlaybook(Self.rules + "budgets: { dns_bytes_per_zone_per_hour: 2KiB }\n")
        var released = 0
        for round in 0..<20 {
            play.whenQuery("api.example.com")
            let asked = play.questions.count
            guard asked == round + 1 else { break }
            try play.whenResolver((1...50).map { "93.184.\(round).\($0)" }, timeToLive: 0)
            released += play.addressCount
        }
        #expect(released == 500)
        play.expect(Self.budgetRefusal)
        // What was not released is not pinned.
        try play.whenSYN("93.184.10.1")
        play.expect("refuse | deny ip.not_resolved")
    }

    @Test func theSameAddressesAgainCostNextToNothing() throws {
        var play = try PacketPlaybook(Self.rules + "budgets: { dns_bytes_per_zone_per_hour: 2KiB }\n")
        // A storage service: eight addresses that live for five seconds, for a quarter of an hour.
        for _ in 0..<180 {
            play.whenQuery("api.example.com")
            play.expect("ask api.example.com A")
            try play.whenResolver((1...8).map { "93.184.216.\($0)" }, timeToLive: 5)
            play.wait(seconds: 5)
        }
    }

    @Test func serviceBindingsCount() throws {
        var play = try PacketPlaybook(Self.rules + "budgets: { dns_bytes_per_zone_per_hour: 1KiB }\n")
        for round in 0..<40 {
            play.whenQuery("api.example.com", .https)
            let question = try #require(play.questions.last)
            guard play.questions.count == round + 1 else { break }
            let data: [UInt8] = [UInt8(1 + round), UInt8(round), 0, 0, 1, 0, 3, 2, 0x68, 0x32, 0, 4, 0, 32]
                + (0..<8).flatMap { [93, 184, UInt8(round), $0] }
            let identifier = UInt16(question.message[0]) << 8 | UInt16(question.message[1])
            play.whenResolver(
                DNSBytes.answer("api.example.com", .https, identifier: identifier, records: [DNSBytes.record(.https, data: data)]),
                token: question.token)
        }
        play.expect(Self.budgetRefusal)
    }

    // Random labels

    @Test func randomLabelsOfATunnelCloseTheZoneSoon() throws {
        var play = try PacketPlaybook(Self.rules)
        var generator = SplitMix64(seed: 4)
        for _ in 0..<30 { play.whenQuery(Self.randomLabel(50, &generator) + ".tunnel.example.com") }
        let asked = play.questions.count
        #expect(asked == DNSBudget.randomNames - 1)
        play.expect(Self.tunnelRefusal)
    }

    /// Names as they are seen at content networks, clouds and registries.
    static let ordinary = [
        "d111111abcdef8", "objects-origin", "rr3---sn-4g5e6nzz", "production-cloudfront-docker-com", "ec2-54-210-100-12",
        "my-very-long-service-name-production-eu-west-1", "cas-bridge", "k8s-default-webapp", "telemetry-incoming-r4",
        "0123456789abcdef0123456789abcdef", "deadbeefdeadbeefdeadbeefdeadbeef", "configuration-and-feature-flags",
        "us-central1-aiplatform", "prod-eastus2-oai-gateway", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ]

    @Test func namesOfContentNetworksAreNotRandom() throws {
        var play = try PacketPlaybook(Self.rules)
        for round in 0..<3 {
            for label in Self.ordinary {
                play.whenQuery("\(label).r\(round).cdn.example.net")
                play.expect("ask \(label).r\(round).cdn.example.net A")
                try play.whenResolver([Self.web])
            }
        }
    }

    // Refused types

    /// New names each time, as a tunnel has that looks for a type that passes; or the same name over and over.
    @Test(arguments: [(true, 12), (false, 56)]) func attemptsWithRefusedTypesCloseTheZone(isNew: Bool, attempts: Int) throws {
        var play = try PacketPlaybook(Self.rules)
        for attempt in 1..<attempts {
            let name = isNew ? "x\(attempt).tunnel.example.com" : "x.tunnel.example.com"
            play.whenQuery(name, DNSRecordType(rawValue: attempt.isMultiple(of: 2) ? 16 : 10))
            play.expect("answer REFUSED ede 21 | deny dns.type_not_allowed")
        }
        play.whenQuery(isNew ? "y.tunnel.example.com" : "x.tunnel.example.com", DNSRecordType(rawValue: 5))
        play.expect(Self.tunnelRefusal)
        play.whenQuery("x.tunnel.example.com")
        play.expect(Self.tunnelRefusal)
        let asked = play.questions.count
        #expect(asked == 0)
    }

    @Test func nowAndThenIsNoTunnel() throws {
        var play = try PacketPlaybook(Self.rules)
        for _ in 0..<100 {
            play.whenQuery("_http._tcp.tunnel.example.com", DNSRecordType(rawValue: 33))
            play.expect("answer REFUSED ede 21 | deny dns.type_not_allowed")
            play.wait(seconds: 4)
        }
    }

    /// What nobody allowed goes nowhere: it needs no budget, and takes none.
    @Test func namesThatAreNotAllowedCostNothing() throws {
        var play = try PacketPlaybook(Self.rules)
        for index in 0..<200 {
            play.whenQuery("n\(index).other.example.com")
            play.expect("answer REFUSED ede 15 | deny dns.name_not_allowed")
        }
        play.whenQuery("api.example.com")
        play.expect("ask api.example.com A")
    }

    // Bounds

    @Test func manyZonesFailClosed() throws {
        let names = (0...DNSBudget.zones).map { "z\($0).example" }
        var play = try PacketPlaybook("allow: [\(names.joined(separator: ", "))]\n")
        for name in names.dropLast() {
            play.whenQuery(name)
            play.expect("ask \(name) A")
            try play.whenResolver([], flags: 0x8183)
        }
        play.whenQuery("z\(DNSBudget.zones).example")
        play.expect(Self.budgetRefusal)
        play.whenQuery("z0.example")
        play.expect("ask z0.example A")
        play.wait(seconds: 3600)
        play.whenQuery("z\(DNSBudget.zones).example")
        play.expect("ask z\(DNSBudget.zones).example A")
    }

    @Test func memoryOfAZoneFailsClosed() throws {
        var play = try PacketPlaybook(Self.rules + "budgets: { dns_unique_names_per_minute: 100000, dns_bytes_per_zone_per_hour: 1GiB }\n")
        for index in 0..<DNSBudget.rememberedPerZone {
            play.whenQuery("n\(index).tunnel.example.com")
            try play.whenResolver([], flags: 0x8183)
        }
        let asked = play.questions.count
        #expect(asked == DNSBudget.rememberedPerZone)
        play.whenQuery("new.tunnel.example.com")
        play.expect(Self.budgetRefusal)
        play.whenQuery("n7.tunnel.example.com")
        play.expect("ask n7.tunnel.example.com A")
    }

    @Test func agentsShareNothing() throws {
        let rules = Self.rules + "budgets: { dns_unique_names_per_minute: 1 }\n"
        var first = try PacketPlaybook(rules)
        var second = try PacketPlaybook(rules)
        first.whenQuery("a.tunnel.example.com")
        first.whenQuery("b.tunnel.example.com")
        first.expect(Self.budgetRefusal)
        second.whenQuery("b.tunnel.example.com")
        second.expect("ask b.tunnel.example.com A")
    }

    @Test func observeLetsBudgetsPassAndSaysSo() throws {
        var play = try PacketPlaybook("mode: observe\n" + Self.rules + "budgets: { dns_unique_names_per_minute: 1 }\n")
        play.whenQuery("a.tunnel.example.com")
        try play.whenResolver([Self.web])
        play.whenQuery("b.tunnel.example.com")
        play.expect("ask b.tunnel.example.com A")
        try play.whenResolver([Self.web])
        play.expect("answer NOERROR 93.184.216.34 ttl 300 | observe dns.budget_exceeded")
        // Refused types stay refused, and malformed stays malformed.
        play.whenQuery("b.tunnel.example.com", DNSRecordType(rawValue: 16))
        play.expect("answer REFUSED ede 21 | deny dns.type_not_allowed")
    }
}

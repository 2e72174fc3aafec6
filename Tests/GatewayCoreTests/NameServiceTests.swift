import GatewayCore
import Policy
import TestSupport
import Testing
import WireFormats

/// HTTPS and SVCB records on their way to an agent.
@Suite("Names with service bindings")
struct NameServiceTests {
    private static let rules = """
        allow:
          - host: web.example.com
          - host: "*.pool.example.net"
          - { host: alt.example.com, ports: [443, 8443] }
          - { host: bulk.example.com, inspect: sni }
          - { address: 10.1.2.3, ports: [5432] }

        """

    /// RDATA in words: `PRIORITY TARGET KEY=HEX …`.
    private static func data(_ words: String) -> [UInt8] {
        let parts = words.split(separator: " ")
        var bytes = [0, UInt8(parts[0]) ?? 0] + (parts[1] == "." ? [0] : DNSBytes.name(String(parts[1])))
        for part in parts.dropFirst(2) {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            let value = Hex.bytes(String(pair[1]))
            bytes.append(bigEndian: UInt16(pair[0]) ?? 0)
            bytes.append(bigEndian: UInt16(value.count))
            bytes += value
        }
        return bytes
    }

    private static func answer(
        _ play: inout PacketPlaybook, _ name: String, _ records: [String], aliases: [[UInt8]] = [], owner: String? = nil,
        timeToLive: UInt32 = 300
    ) throws {
        play.whenQuery(name, .https)
        play.expect("ask \(name) HTTPS")
        let question = try #require(play.questions.last)
        let identifier = UInt16(question.message[0]) << 8 | UInt16(question.message[1])
        let all = aliases + records.map {
            DNSBytes.record(.https, owner: owner.map(DNSBytes.name) ?? [0xc0, 12], timeToLive: timeToLive, data: data($0))
        }
        play.whenResolver(DNSBytes.answer(name, .https, identifier: identifier, records: all), token: question.token)
    }

    /// A name, a record that the resolver gives, and what is left of it. 1 is alpn, 5 is ech, 4 and 6 are hints.
    static let records: [(String, String, String)] = [
        ("web.example.com", "1 . 1=026832 5=0102", "[1 . alpn h2]"),
        ("web.example.com", "1 . 1=026833026832", "[1 . alpn h2]"),
        // Nothing but HTTP/3 on offer: nothing is left.
        ("web.example.com", "1 . 1=026833 2=", ""), ("web.example.com", "1 . 1=026833", "[1 .]"),
        ("web.example.com", "1 . 1=05683358787805787878787802683208687474702f312e31", "[1 . alpn h2 http/1.1]"),
        ("web.example.com", "1 . 4=5db8d822", "[1 . hints 93.184.216.34]"),
        ("web.example.com", "1 . 4=0a0000055db8d822a9fea9fe", "[1 . hints 93.184.216.34]"),
        ("web.example.com", "1 . 6=fd000000000000000000000000000001", "[1 .]"),
        ("web.example.com", "1 . 6=00000000000000000000ffff0a000005", "[1 .]"),
        // A port that no rule covers for the name.
        ("web.example.com", "1 . 3=20fb", "[1 .]"), ("alt.example.com", "1 . 3=20fb", "[1 . port 8443]"),
        ("web.example.com", "1 . 3=01bb", "[1 . port 443]"),
        // Targets.
        ("web.example.com", "0 .", "[0 .]"), ("web.example.com", "0 a.pool.example.net", "[0 a.pool.example.net]"),
        ("web.example.com", "0 evil.example.org", ""), ("web.example.com", "0 web.example.com", ""),
        ("web.example.com", "1 web.example.com 1=026832", "[1 . alpn h2]"),
        ("web.example.com", "1 a.pool.example.net 1=026832", "[1 a.pool.example.net alpn h2]"),
        ("web.example.com", "1 evil.example.org 1=026832 4=5db8d822", ""),
        // Mandatory keys that do not survive.
        ("web.example.com", "1 . 0=0005 5=0102", ""), ("web.example.com", "1 . 0=0007 7=2f71", ""),
        ("web.example.com", "1 . 0=0004 4=0a000005", ""), ("web.example.com", "1 . 0=0003 3=20fb", ""),
        ("web.example.com", "1 . 0=0001 1=026833", ""), ("web.example.com", "1 . 0=0001 1=026832", "[1 . alpn h2 mandatory 1]"),
        // Unknown parameters go.
        ("web.example.com", "1 . 1=026832 7=2f71 65400=616263", "[1 . alpn h2]"),
    ]

    @Test(arguments: records) func isRebuilt(name: String, record: String, left: String) throws {
        var play = try PacketPlaybook(Self.rules)
        try Self.answer(&play, name, [record])
        play.expect("answer NOERROR" + (left.isEmpty ? "" : " \(left)") + " | allow")
    }

    @Test func namesThatAreNotAllowedAreNotAsked() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("other.example.com", .https)
        play.expect("answer REFUSED ede 15 | deny dns.name_not_allowed")
        play.whenQuery("web.example.com", .svcb)
        play.expect("ask web.example.com SVCB")
    }

    @Test func hintsArePinnedToTheNameLikeAnswers() throws {
        var play = try PacketPlaybook(Self.rules)
        try Self.answer(&play, "web.example.com", ["1 . 4=5db8d8220a000005"], timeToLive: 60)
        try play.whenSYN("93.184.216.34")
        play.expect("pass intercepted")
        try play.whenSYN("93.184.216.34", 8443)
        play.expect("refuse | deny ip.port_not_allowed")
        try play.whenSYN("10.0.0.5")
        play.expect("refuse | deny ip.private")
        play.wait(seconds: 60 + Limits.pinGraceSeconds)
        try play.whenSYN("93.184.216.34")
        play.expect("refuse | deny ip.not_resolved")
    }

    @Test func hintsOfDroppedRecordsArePinnedToNobody() throws {
        var play = try PacketPlaybook(Self.rules)
        try Self.answer(&play, "web.example.com", ["1 evil.example.org 4=5db8d822", "1 . 0=0005 4=5db8d823 5=01"])
        try play.whenSYN("93.184.216.34")
        play.expect("refuse | deny ip.not_resolved")
        try play.whenSYN("93.184.216.35")
        play.expect("refuse | deny ip.not_resolved")
    }

    @Test func quicIsOfferedWhereItCanPass() throws {
        for (name, forwards, left) in [
            ("bulk.example.com", true, "alpn h3 h3-29 h2"), ("bulk.example.com", false, "alpn h2"), ("web.example.com", true, "alpn h2"),
        ] {
            var play = PacketPlaybook(policy: try PolicyText.compile(Self.rules), forwards: forwards)
            try Self.answer(&play, name, ["1 . 1=0268330568332d3239026832"])
            play.expect("answer NOERROR [1 . \(left)] | allow")
        }
    }

    @Test func aliasesInFrontAreFollowedAndNotShown() throws {
        var play = try PacketPlaybook(Self.rules)
        try Self.answer(
            &play, "web.example.com", ["1 . 1=026832", "2 edge.cdn.example.org 1=026832"],
            aliases: [DNSBytes.alias("web.example.com", to: "edge.cdn.example.org", timeToLive: 20)], owner: "edge.cdn.example.org")
        play.expect("answer NOERROR [1 . alpn h2] [2 . alpn h2] | allow")
    }

    /// A client that follows the record dials the target's addresses and asks for the owner there.
    @Test func theTargetsAddressesServeTheOwner() throws {
        for isTargetKnownFirst in [false, true] {
            var play = try PacketPlaybook(Self.rules)
            if isTargetKnownFirst {
                play.whenQuery("a.pool.example.net")
                try play.whenResolver(["93.184.216.40"])
            }
            try Self.answer(&play, "alt.example.com", ["1 a.pool.example.net 3=20fb"])
            if !isTargetKnownFirst {
                play.whenQuery("a.pool.example.net")
                try play.whenResolver(["93.184.216.40"])
            }
            let (pins, now) = (play.pins, play.now)
            var names: [String] = []
            _ = pins.contains(try #require(IPAddress("93.184.216.40")), for: PacketPlaybook.agent, at: now) {
                names.append($0.text)
                return false
            }
            #expect(names.sorted() == ["a.pool.example.net", "alt.example.com"])
            // On the owner's ports.
            try play.whenSYN("93.184.216.40", 8443)
            play.expect("pass intercepted")
        }
    }

    @Test func anotherNamesTargetServesNobodyElse() throws {
        var play = try PacketPlaybook(Self.rules)
        try Self.answer(&play, "alt.example.com", ["1 a.pool.example.net"], timeToLive: 60)
        play.wait(seconds: 61)
        play.whenQuery("a.pool.example.net")
        try play.whenResolver(["93.184.216.40"])
        try play.whenSYN("93.184.216.40", 8443)
        play.expect("refuse | deny ip.port_not_allowed")
    }
}

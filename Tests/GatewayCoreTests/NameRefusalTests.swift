import GatewayCore
import Policy
import TestSupport
import Testing
import WireFormats

/// What is refused whatever the rules say: names in no canonical form, and DNS by another way.
@Suite("Names that are none, and encrypted DNS")
struct NameRefusalTests {
    private static let rules = "allow: [web.example.com, \"*.example.com\", \"*.mullvad.net\", { host: dot.example.com, ports: [853], inspect: sni }]\n"
    private static let web = "93.184.216.34"

    private static func message(_ name: [UInt8]) -> [UInt8] {
        DNSBytes.header(7, flags: 0x0100, counts: [1, 0, 0, 0]) + name + [0, 1, 0, 1]
    }

    private static func labels(_ labels: [UInt8]...) -> [UInt8] { labels.flatMap { [UInt8($0.count)] + $0 } + [0] }

    private static let tail: [[UInt8]] = ["example", "com"].map { Array($0.utf8) }

    static let malformed: [(String, [UInt8])] = [
        ("NUL", labels([0x61, 0, 0x62], tail[0], tail[1])), ("NUL at the end", labels([0x61, 0], tail[0], tail[1])),
        ("a space", labels([0x61, 0x20], tail[0], tail[1])), ("a tab", labels([9], tail[0], tail[1])),
        ("a line feed", labels([0x61, 10], tail[0], tail[1])), ("DEL", labels([0x7f], tail[0], tail[1])),
        ("an escape", labels([0x1b, 0x5b], tail[0], tail[1])), ("8-bit", labels([0xc3, 0xbc], tail[0], tail[1])),
        ("a dot in a label", labels([0x61, 0x2e, 0x62], tail[0], tail[1])), ("a star", labels([0x2a], tail[0], tail[1])),
        ("a slash", labels([0x61, 0x2f], tail[0], tail[1])), ("a backslash", labels([0x61, 0x5c], tail[0], tail[1])),
        ("a hyphen in front", labels([0x2d, 0x61], tail[0], tail[1])), ("a hyphen behind", labels([0x61, 0x2d], tail[0], tail[1])),
        ("a hyphen alone", labels([0x2d], tail[0], tail[1])), ("a numeric last label", labels(tail[0], [0x31, 0x32])),
        ("an address", labels([0x31], [0x32], [0x33], [0x34])), ("the root", [0]),
        ("label type 01", [0x40 | 3, 0x61, 0x62, 0x63, 0]), ("label type 10", [0x80 | 3, 0x61, 0x62, 0x63, 0]),
        ("a label of 64", [64] + [UInt8](repeating: 0x61, count: 64) + labels(tail[0], tail[1])),
        ("254 bytes", (0..<4).flatMap { _ in [62] + [UInt8](repeating: 0x61, count: 62) } + [2, 0x61, 0x62, 0]),
        ("a pointer to the header", [0xc0, 0]), ("a pointer to itself", [0xc0, 12]), ("a pointer behind a label", [1, 0x61, 0xc0, 12]),
        ("a pointer forwards", [0xc0, 20]),
    ]

    @Test(arguments: malformed) func isMalformed(what: String, name: [UInt8]) throws {
        for mode in ["enforce", "observe"] {
            var play = try PacketPlaybook("mode: \(mode)\n" + Self.rules)
            play.whenMessage(Self.message(name))
            play.expect("answer FORMERR | deny dns.malformed")
            play.whenStream(1, Self.message(name))
            play.expect("stream 1 last answer FORMERR | deny dns.malformed")
        }
    }

    @Test func mixedCaseIsEchoed() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("wEb.ExAmPle.cOM")
        play.expect("ask web.example.com A")
        try play.whenResolver([Self.web])
        play.whenStream(1, DNSBytes.query("WeB.eXample.com", .a))
        play.expect("stream 1 answer NOERROR 93.184.216.34 ttl 300 | allow")
        let question = play.echoedQuestion
        #expect(question == DNSBytes.question("WeB.eXample.com", .a))
    }

    // Encrypted DNS

    @Test func dnsOverTLSIsRefusedByName() throws {
        var play = try PacketPlaybook(Self.rules)
        try play.whenSYN("93.184.219.9", 853)
        play.expect("refuse | deny dns.encrypted")
        let remedy = play.remedy
        #expect(remedy == "- { address: 93.184.219.9/32, ports: [853] }")
        play.whenQuery("web.example.com")
        try play.whenResolver([Self.web])
        try play.whenSYN(Self.web, 853)
        play.expect("refuse | deny dns.encrypted")
        let named = play.remedy
        #expect(named == "- { host: web.example.com, ports: [853], inspect: sni }")
        // What is refused whatever it carries stays what it is: observing must not open it.
        try play.whenSYN("10.0.0.5", 853)
        play.expect("refuse | deny ip.private")
        // A rule names it.
        play.whenQuery("dot.example.com")
        try play.whenResolver(["93.184.216.35"])
        try play.whenSYN("93.184.216.35", 853)
        play.expect("pass intercepted")
    }

    @Test func anAddressRuleOpensDNSOverTLSToo() throws {
        var play = try PacketPlaybook("allow: [{ address: 9.9.9.9, ports: [853] }]\n")
        try play.whenSYN("9.9.9.9", 853)
        play.expect("pass direct | allow")
    }

    @Test(arguments: [(853, "dns.encrypted"), (784, "dns.encrypted"), (8853, "dns.encrypted"), (443, "ip.protocol_not_allowed"), (5353, "ip.protocol_not_allowed")] as [(UInt16, String)])
    func datagramsOfEncryptedDNS(port: UInt16, reason: String) throws {
        for mode in ["enforce", "observe"] {
            var play = try PacketPlaybook("mode: \(mode)\n" + Self.rules)
            play.whenPacket(UDPDatagram.packet(from: PacketPlaybook.agent4, port: 9, to: IPAddress(v4: 0x0909_0909), port: port, payload: [1]) ?? [])
            play.expect("refuse | deny \(reason)")
        }
    }

    @Test func knownResolversAreNotResolved() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("dns.mullvad.net")
        play.expect("answer REFUSED ede 15 | deny dns.encrypted")
        play.whenQuery("www.mullvad.net")
        play.expect("ask www.mullvad.net A")
        var observing = try PacketPlaybook("mode: observe\n" + Self.rules)
        observing.whenQuery("dns.mullvad.net")
        try observing.whenResolver([Self.web])
        observing.expect("answer NOERROR 93.184.216.34 ttl 300 | observe dns.encrypted")
    }

    // DNS inside HTTP

    private static let query = "AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB"

    /// A request, and whether it is DNS.
    static let requests: [(String, Bool)] = [
        ("POST /x HTTP/1.1\r\nHost: web.example.com\r\nContent-Type: application/dns-message\r\nContent-Length: 0", true),
        ("POST /x HTTP/1.1\r\nHost: web.example.com\r\ncontent-type:Application/DNS-Message; x=1\r\nContent-Length: 0", true),
        ("GET /x HTTP/1.1\r\nHost: web.example.com\r\nAccept: text/html, application/dns-json;q=0.9", true),
        ("GET /x HTTP/1.1\r\nHost: web.example.com\r\nAccept: */*\r\nAccept: application/dns-message", true),
        ("POST /x HTTP/1.1\r\nHost: web.example.com\r\nContent-Type: application/oblivious-dns-message\r\nContent-Length: 0", true),
        ("GET /dns-query?dns=x HTTP/1.1\r\nHost: web.example.com", true), ("GET /a/DNS-Query?a=1&dns=x HTTP/1.1\r\nHost: web.example.com", true),
        ("GET /dns%2Dquery?%64ns=x HTTP/1.1\r\nHost: web.example.com", true),
        ("GET /any?dns=\(query) HTTP/1.1\r\nHost: web.example.com", true), ("GET /any?a=b;dns=\(query) HTTP/1.1\r\nHost: web.example.com", true),
        ("GET /any?dns=8.8.8.8 HTTP/1.1\r\nHost: web.example.com", false), ("GET /dns-query HTTP/1.1\r\nHost: web.example.com", false),
        ("GET /dns-query?adns=x HTTP/1.1\r\nHost: web.example.com", false), ("GET /?dns HTTP/1.1\r\nHost: web.example.com", false),
        ("GET /?dns= HTTP/1.1\r\nHost: web.example.com", false),
        ("POST /x HTTP/1.1\r\nHost: web.example.com\r\nContent-Type: application/json\r\nX-Note: application/dns-message\r\nContent-Length: 0", false),
        ("GET /x HTTP/1.1\r\nHost: web.example.com\r\nAccept: */*", false),
    ]

    private func judge(_ request: String, _ rules: String) throws -> String {
        let flow = FlowGuard(
            agent: PacketPlaybook.agent, address: IPAddress(v4: 0x5db8_d822), port: 80, policy: try PolicyText.compile(rules))
        let bytes = Array((request + "\r\n\r\n").utf8)
        guard case .head(let head, _) = try HTTP1RequestHead.parse(bytes.span) else { return "no head" }
        switch flow.judge(head, isPinned: { _ in true }) {
        case .forward(_, let decision): return "\(decision.action)" + (decision.reason.map { " \($0.rawValue)" } ?? "")
        case .refuse(let denial, _): return denial.reason.rawValue
        }
    }

    @Test(arguments: requests) func dnsInsideHTTP(request: String, isDNS: Bool) throws {
        #expect(try judge(request, Self.rules) == (isDNS ? "dns.encrypted" : "allow"))
        #expect(try judge(request, "mode: observe\n" + Self.rules) == (isDNS ? "observe dns.encrypted" : "allow"))
        // The same to a resolver that a rule names.
        let toResolver = request.split(separator: "web.example.com", omittingEmptySubsequences: false).joined(separator: "dns.google")
        #expect(try judge(toResolver, "allow: [dns.google]\n") == "allow")
        let covered = request.split(separator: "web.example.com", omittingEmptySubsequences: false).joined(separator: "a.dns.google")
        #expect(try judge(covered, "allow: [\"*.dns.google\"]\n") == (isDNS ? "dns.encrypted" : "allow"))
    }
}

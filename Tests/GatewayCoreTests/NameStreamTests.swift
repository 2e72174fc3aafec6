import GatewayCore
import Policy
import TestSupport
import Testing
import WireFormats

@Suite("Names over TCP, and cut answers")
struct NameStreamTests {
    private static let rules = "allow: [web.example.com, many.example.com]\n"
    private static let web = "93.184.216.34"
    private static let many = (1...200).map { "93.184.221.\($0)" }

    /// The way in: any address, any family, whatever the rules say of it.
    @Test(arguments: ["9.9.9.9", "192.0.0.1", "10.0.0.5", "93.184.216.99", "2001:4860:4860::8888"])
    func port53OfAnyAddressIsIntercepted(address: String) throws {
        var play = try PacketPlaybook("allow: [web.example.com]\ndeny: [{ address: 93.184.216.99 }]\n")
        let before = play.plane.expectsStreams
        #expect(!before)
        try play.whenSYN(address, 53)
        play.expect("pass intercepted")
        let after = play.plane.expectsStreams
        #expect(after)
    }

    @Test func anAddressRuleMakesItDirect() throws {
        var play = try PacketPlaybook("allow: [{ address: 10.1.2.3, ports: [53] }]\n")
        try play.whenSYN("10.1.2.3", 53)
        play.expect("pass direct | allow")
        try play.whenSYN("10.1.2.4", 53)
        play.expect("pass intercepted")
    }

    @Test func queriesHaveTheSameJudge() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenStream(1, DNSBytes.query("other.example.com", .a))
        play.expect("stream 1 answer REFUSED ede 15 | deny dns.name_not_allowed")
        play.whenStream(2, DNSBytes.query("web.example.com", DNSRecordType(rawValue: 16)))
        play.expect("stream 2 answer REFUSED ede 21 | deny dns.type_not_allowed")
        play.whenStream(3, DNSBytes.query("web.example.com", .a))
        play.expect("ask web.example.com A")
        try play.whenSYN(Self.web)
        play.expect("refuse | deny ip.not_resolved")
        try play.whenResolver([Self.web])
        play.expect("stream 3 answer NOERROR 93.184.216.34 ttl 300 | allow")
        try play.whenSYN(Self.web)
        play.expect("pass intercepted")
    }

    @Test func answersOutOfOrderFindTheirQueries() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenStream(1, DNSBytes.query("web.example.com", .a))
        play.whenQuery("web.example.com")
        play.whenStream(2, DNSBytes.query("many.example.com", .a))
        try play.whenResolver(["93.184.221.1"])
        play.expect("stream 2 answer NOERROR 93.184.221.1 ttl 300 | allow")
        let first = play.questions[0]
        play.whenResolver(DNSBytes.answer("web.example.com", .a, identifier: 101, records: []), token: first.token)
        play.expect("stream 1 answer NOERROR | allow")
    }

    @Test func aMalformedMessageIsTheLast() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenStream(1, DNSBytes.query("web.example.com", .a) + [0])
        play.expect("stream 1 last answer FORMERR | deny dns.malformed")
        play.whenStream(2, DNSBytes.answer("web.example.com", .a, identifier: 1, records: []))
        play.expect("drop | deny dns.malformed")
        play.whenStream(3, [])
        play.expect("drop | deny dns.malformed")
    }

    // Cut answers

    @Test func aDatagramTakesWhatFitsAndSaysSo() throws {
        for (edns, count) in [(nil, 29), (512, 29), (1232, 74), (4096, 74)] as [(UInt16?, Int)] {
            var play = try PacketPlaybook(Self.rules)
            play.whenQuery("many.example.com", edns: edns)
            try play.whenResolver(Self.many)
            let (cut, addresses) = (play.isCut, play.addressCount)
            #expect(cut && addresses == count, "\(String(describing: edns)): \(addresses)")
            // All of them are pinned: over TCP the agent gets all.
            try play.whenSYN("93.184.221.200")
            play.expect("pass intercepted")
            play.whenStream(1, DNSBytes.query("many.example.com", .a))
            let (cutAgain, all) = (play.isCut, play.addressCount)
            #expect(!cutAgain && all == 200)
            let questions = play.questions.count
            #expect(questions == 1)
        }
    }

    @Test func whatTheResolverCutStaysCutForADatagram() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenQuery("many.example.com")
        try play.whenResolver(["93.184.221.1"], flags: 0x8380)
        play.expect("answer NOERROR cut 93.184.221.1 ttl 300 | allow")
        // And is not given again as if it were all.
        play.whenStream(1, DNSBytes.query("many.example.com", .a))
        play.expect("ask many.example.com A")
        try play.whenResolver(["93.184.221.1"], flags: 0x8380)
        play.expect("ask over TCP")
        try play.whenResolver(Self.many)
        let (cut, all) = (play.isCut, play.addressCount)
        #expect(!cut && all == 200)
    }

    @Test func anAnswerThatIsCutEvenOverTCPIsTakenAsItIs() throws {
        var play = try PacketPlaybook(Self.rules)
        play.whenStream(1, DNSBytes.query("many.example.com", .a))
        try play.whenResolver(["93.184.221.1"], flags: 0x8380)
        try play.whenResolver(["93.184.221.1"], flags: 0x8380)
        play.expect("stream 1 answer NOERROR 93.184.221.1 ttl 300 | allow")
    }
}

import GatewayCore
import Policy
import TestSupport
import Testing
import WireFormats

@Suite("TCP flows judged by their ClientHello")
struct HelloGateTests {
    private static let hello = FlowPlaybook.hello

    @Test(arguments: [false, true]) func aHelloInOneSegmentPassesAndTheKernelTakesOver(v6: Bool) throws {
        var play = try FlowPlaybook(v6: v6)
        play.whenOpened()
        play.whenAgentSends(Self.hello)
        play.expect("settle 4:judging | allow")
        play.whenServer(acknowledging: Self.hello.count)
        play.expect("pass direct")
        // What was in the queue before the mark was set.
        play.whenAgentSends([1, 2, 3], at: Self.hello.count)
        play.expect("pass direct")
        play.whenServer(at: 0, acknowledging: Self.hello.count, [22])
        play.expect("pass direct")
        play.wait(seconds: Limits.settledFlowSeconds)
        play.expect("")
        let isIdle = !play.plane.isJudging
        #expect(isIdle)
    }

    @Test func theDecisionNamesTheHostAndTheRule() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        let bytes = PacketBytes.segment(
            from: play.agentAddress, port: play.agentPort, to: play.server, port: 443, sequence: 1001,
            acknowledgement: 5001, flags: PacketBytes.ack, payload: Self.hello)
        var answers: [UInt8] = []
        guard case .settle(let settlement) = play.plane.packet(
            bytes.span, queuedAs: 4, pins: play.pins, identifier: 1, at: play.now, answers: &answers)
        else { return #expect(Bool(false)) }
        let decision = try #require(settlement.decision)
        #expect(decision.subject == "pinned.example.com (93.184.216.34:443)" && decision.stage == .tls)
        #expect(decision.origin != nil)
        // Without the line in the log the flow is none.
        let left = play.plane.withdraw(settlement.flow, at: play.now)
        #expect(left == [])
        play.whenAgentSends(Self.hello)
        play.expect("drop")
    }

    // Which flows

    @Test func anAddressWithAnInspectedNameIsIntercepted() throws {
        var play = try FlowPlaybook()
        try play.pin("full.example.com")
        play.whenAgent(PacketBytes.syn, at: -1, acknowledging: nil)
        play.expect("pass intercepted")
    }

    @Test func namesWithoutTheRightPortDoNotCount() throws {
        var play = try FlowPlaybook()
        try play.pin("db.example.com")
        try play.pin("nobody.example.com")
        play.whenAgent(PacketBytes.syn, at: -1, acknowledging: nil)
        play.expect("pass judging")
        play.port = 5432
        play.whenAgent(PacketBytes.syn, at: -1, acknowledging: nil)
        play.expect("pass judging")
        play.port = 80
        play.whenAgent(PacketBytes.syn, at: -1, acknowledging: nil)
        play.expect("pass intercepted")
    }

    @Test func whereNothingIsForwardedAllIsIntercepted() throws {
        var play = try FlowPlaybook(forwards: false)
        play.whenAgent(PacketBytes.syn, at: -1, acknowledging: nil)
        play.expect("pass intercepted")
        play.whenAgentSends(Self.hello)
        play.expect("drop | deny ip.malformed")
    }

    @Test func anotherAgentsPinsAreOfNoUse() throws {
        var play = try FlowPlaybook()
        try play.pin("twin.example.com", for: AgentID(number: 2))
        play.whenOpened()
        play.whenAgentSends(HelloBytes.record([HelloBytes.serverName("twin.example.com")]))
        play.expect("settle 4:refused + reset server 0 | deny tls.sni_mismatch")
    }

    // Names

    /// Extensions of the hello, and what the settlement says.
    static let names: [(String, [[UInt8]], String)] = [
        ("upper case", [HelloBytes.serverName("PINNED.Example.COM")], "allow"),
        ("a trailing dot", [HelloBytes.serverName("pinned.example.com.")], "allow"),
        ("ECH, or what looks like it", [HelloBytes.extension(0xfe0d, [0, 1, 2]), HelloBytes.serverName("pinned.example.com")], "allow"),
        ("none", [], "deny tls.no_server_name"),
        ("a NUL", [HelloBytes.serverName("pinned.example.com\0.example.org")], "deny tls.malformed_hello"),
        ("an address", [HelloBytes.serverName("93.184.216.34")], "deny tls.malformed_hello"),
        ("two", [HelloBytes.serverName("pinned.example.com", "twin.example.com")], "deny tls.malformed_hello: the server_name extension is malformed"),
        ("twice", [HelloBytes.serverName("pinned.example.com"), HelloBytes.serverName("twin.example.com")], "deny tls.malformed_hello: an extension appears twice"),
        ("a neighbour on the same address", [HelloBytes.serverName("twin.example.com")], "deny tls.sni_mismatch"),
        ("an inspected host elsewhere", [HelloBytes.serverName("full.example.com")], "deny tls.sni_mismatch"),
        ("a stranger", [HelloBytes.serverName("evil.example.net")], "deny tls.sni_mismatch"),
        ("ECH around a stranger", [HelloBytes.extension(0xfe0d, [0]), HelloBytes.serverName("cloudflare-ech.com")], "deny tls.sni_mismatch"),
    ]

    @Test(arguments: names) func isJudgedByItsName(what: String, extensions: [[UInt8]], words: String) throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgentSends(HelloBytes.record(extensions))
        play.expect(words == "allow" ? "settle 4:judging | allow" : "settle 4:refused + reset server 0 | \(words)")
        let passed = play.passed.count
        #expect(passed == (words == "allow" ? 4 : 3), "\(what)")
    }

    @Test func aHostThatIsInspectedByNowIsToConnectAgain() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        try play.pin("full.example.com")
        play.whenAgentSends(HelloBytes.record([HelloBytes.serverName("full.example.com")]))
        play.expect("settle 4:refused + reset server 0 | deny tls.sni_mismatch: an inspected host: connect again")
        play.whenAgent(PacketBytes.syn, at: -1, acknowledging: nil)
        play.expect("pass intercepted")
    }

    @Test func aNameThatThePolicyDoesNotCoverIsRefusedAndOnlyObservedWhereThatIsAsked() throws {
        for (mode, words) in [
            ("", "settle 4:refused + reset server 0 | deny tls.sni_not_allowed"),
            ("mode: observe\n", "settle 4:judging | observe tls.sni_not_allowed"),
        ] {
            var play = try FlowPlaybook(mode + FlowPlaybook.rules)
            try play.pin("nobody.example.com")
            play.whenOpened()
            play.whenAgentSends(HelloBytes.record([HelloBytes.serverName("nobody.example.com")]))
            play.expect(words)
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n", "\u{17}\u{3}\u{3}", "\u{80}"])
    func whatIsNotTLSIsRefused(text: String) throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgentSends(Array(text.utf8))
        play.expect("settle 4:refused + reset server 0 | deny flow.protocol_unknown")
    }

    @Test func anotherMessageThanAHelloIsRefused() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgentSends([22, 3, 1, 0, 4, 2, 0, 0, 0])
        play.expect("settle 4:refused + reset server 0 | deny tls.malformed_hello: the first message is not a ClientHello")
    }

    // Segments

    @Test func splitsInTwoAreHeldUntilTheSecondPart() throws {
        for cut in 1..<Self.hello.count {
            for isReordered in [false, true] {
                var play = try FlowPlaybook()
                play.whenOpened()
                let parts = [(0, Self.hello[..<cut]), (cut, Self.hello[cut...])]
                let order = isReordered ? Array(parts.reversed()) : parts
                play.whenAgentSends(order[0].1, at: order[0].0)
                play.expect("hold")
                play.whenAgentSends(order[1].1, at: order[1].0)
                play.expect("settle 4:judging 5:judging | allow")
            }
        }
    }

    @Test func segmentsOfOneByte() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        for (index, byte) in Self.hello.enumerated() {
            play.whenAgentSends([byte], at: index)
            if index + 1 < Self.hello.count { play.expect("hold") }
        }
        let (held, passed) = (play.held.count, play.passed)
        #expect(held == 0 && passed == Array(1...UInt32(3 + Self.hello.count)))
    }

    @Test func copiesOfWhatIsHeldAreDropped() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgentSends(Self.hello[..<20])
        play.expect("hold")
        play.whenAgentSends(Self.hello[..<20])
        play.expect("drop")
        play.whenAgentSends(Self.hello[5..<15], at: 5)
        play.expect("drop")
        play.whenAgentSends(Self.hello[10..<30], at: 10)
        play.expect("hold")
        play.whenAgentSends(Self.hello)
        play.expect("settle 4:judging 7:judging 8:judging | allow")
    }

    @Test(arguments: [0, 10, 19]) func aCopyThatDiffersIsRefused(place: Int) throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgentSends(Self.hello[..<20])
        var other = Self.hello
        other[place] ^= 1
        play.whenAgentSends(other)
        play.expect("settle 4:drop 5:refused + reset server 0 | deny tls.hello_changed")
        play.whenAgentSends(Self.hello)
        play.expect("drop")
    }

    @Test func aPartThatWasSeenFirstStandsThoughItCameEarly() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgentSends(Self.hello[30..<40].map { $0 ^ 1 }, at: 30)
        play.expect("hold")
        play.whenAgentSends(Self.hello)
        play.expect("settle 4:drop 5:refused + reset server 0 | deny tls.hello_changed")
    }

    @Test func recordsOfAnySizeMakeUpOneHello() throws {
        let message = HelloBytes.message([HelloBytes.serverName("pinned.example.com")])
        for size in [1, 3, 7, 40] {
            let bytes = HelloBytes.records(message, sizes: [Int](repeating: size, count: message.count / size))
            var play = try FlowPlaybook()
            play.whenOpened()
            let cut = bytes.count / 2
            play.whenAgentSends(bytes[..<cut])
            play.expect("hold")
            play.whenAgentSends(bytes[cut...], at: cut)
            play.expect("settle 4:judging 5:judging | allow")
        }
    }

    @Test func aPostQuantumHelloInTwoSegments() throws {
        let keyShare = HelloBytes.extension(51, [UInt8](repeating: 5, count: 1700))
        let hello = HelloBytes.record([keyShare, HelloBytes.serverName("pinned.example.com")])
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgentSends(hello[..<1448])
        play.expect("hold")
        play.whenAgentSends(hello[1448...], at: 1448)
        play.expect("settle 4:judging 5:judging | allow")
        play.whenServer(acknowledging: 1448)
        play.expect("pass judging")
        play.whenServer(acknowledging: hello.count)
        play.expect("pass direct")
    }

    @Test func earlyDataGoesWithTheHelloOrAfterIt() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        let early = [UInt8](repeating: 23, count: 500)
        play.whenAgentSends(early, at: Self.hello.count)
        play.expect("hold")
        play.whenAgentSends(Self.hello + early[..<10])
        play.expect("settle 4:judging 5:judging | allow")
        play.whenAgentSends(early, at: Self.hello.count + early.count)
        play.expect("pass judging")
        // The server has it all when it has the hello.
        play.whenServer(acknowledging: Self.hello.count + 2 * early.count + 1)
        play.expect("drop")
        play.whenServer(acknowledging: Self.hello.count + 2 * early.count)
        play.expect("pass direct")
    }

    // Sequence numbers

    @Test(arguments: [.max, .max - 1, .max - 20, .max / 2, .max / 2 + 1, 0] as [UInt32])
    func numbersWrapAround(start: UInt32) throws {
        var play = try FlowPlaybook()
        play.agentStart = start
        play.serverStart = start &+ 7
        play.whenOpened()
        play.whenAgentSends(Self.hello[50...], at: 50)
        play.expect("hold")
        play.whenAgentSends(Self.hello[..<60])
        play.expect("settle 4:judging 5:judging | allow")
        play.whenServer(acknowledging: Self.hello.count - 1)
        play.expect("pass judging")
        play.whenServer(acknowledging: Self.hello.count)
        play.expect("pass direct")
    }

    @Test func whatLiesOutsideOfTheWindowIsRefused() throws {
        for offset in [-1, -100, Limits.judgedHelloBytes, Limits.judgedHelloBytes + 1, 1 << 30, -(1 << 30), Int(Int32.min)] {
            var play = try FlowPlaybook()
            play.whenOpened()
            play.whenAgentSends([1], at: offset)
            play.expect("settle 4:refused + reset server 0 | deny tls.malformed_hello: the ClientHello is not within the first 16384 bytes")
        }
    }

    @Test func theLongestHelloIsReadAndOneByteMoreIsRefused() throws {
        for (extra, isAccepted) in [(0, true), (1, false)] {
            let rest = HelloBytes.serverName("pinned.example.com")
            let frame = HelloBytes.records(HelloBytes.message([HelloBytes.extension(21, []), rest]), sizes: [])
            let padding = [UInt8](repeating: 0, count: Limits.judgedHelloBytes - frame.count + extra)
            let hello = HelloBytes.records(HelloBytes.message([HelloBytes.extension(21, padding), rest]), sizes: [])
            #expect(hello.count == Limits.judgedHelloBytes + extra)
            var play = try FlowPlaybook()
            play.whenOpened()
            for offset in stride(from: 0, to: hello.count, by: 1400) {
                play.whenAgentSends(hello[offset..<min(hello.count, offset + 1400)], at: offset)
            }
            let (said, passed) = (play.said, play.passed.count)
            #expect(said.hasSuffix(isAccepted ? "| allow" : "is not within the first 16384 bytes"), "\(said)")
            #expect(passed == (isAccepted ? 15 : 3))
        }
    }
}

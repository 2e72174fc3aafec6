import GatewayCore
import Policy
import TestSupport
import Testing
import WireFormats

/// What an agent can try that writes its packets by hand.
@Suite("Evasions of the ClientHello's judgement")
struct HelloEvasionTests {
    private static let hello = FlowPlaybook.hello
    private static let twin = HelloBytes.record([HelloBytes.serverName("nobody.example.com")])
    private static let syn = PacketBytes.syn
    private static let ack = PacketBytes.ack

    private func accepted() throws -> FlowPlaybook {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgentSends(Self.hello)
        play.expect("settle 4:judging | allow")
        return play
    }

    // The first copy dies on the way, and another follows

    @Test func anotherHelloAfterAcceptanceIsRefused() throws {
        var play = try accepted()
        play.whenAgentSends(Self.hello)
        play.expect("pass judging")
        play.whenAgentSends(Self.twin)
        play.expect("settle 6:refused + reset server 0 | deny tls.hello_changed")
        play.whenServer(acknowledging: Self.hello.count)
        play.expect("settle 7:drop + reset server \(Self.hello.count)")
    }

    @Test func oneByteOfItIsEnough() throws {
        for place in 0..<Self.hello.count {
            var play = try accepted()
            play.whenAgentSends([Self.hello[place] ^ 0x20], at: place)
            play.expect("settle 5:refused + reset server 0 | deny tls.hello_changed")
        }
    }

    @Test func theResetBearsWhatTheServerExpects() throws {
        var play = try accepted()
        play.whenServer(acknowledging: 40)
        play.expect("pass judging")
        play.whenAgentSends(Self.twin)
        play.expect("settle 6:refused + reset server 40 | deny tls.hello_changed")
    }

    @Test func onlyTheWholeHelloAcknowledgedEndsJudging() throws {
        var play = try accepted()
        for acknowledged in [0, 1, Self.hello.count - 1, -5, -(1 << 30)] {
            play.whenServer(acknowledging: acknowledged)
            play.expect("pass judging")
        }
        // What was never sent cannot have come.
        for acknowledged in [Self.hello.count + 1, 1 << 20, 1 << 30] {
            play.whenServer(acknowledging: acknowledged)
            play.expect("drop")
        }
        play.whenServer(0, at: 0, acknowledging: Self.hello.count, [22])
        play.expect("drop")
        play.whenServer(at: 0, acknowledging: Self.hello.count, [22])
        play.expect("pass direct")
    }

    // Numbers that the server counts from elsewhere

    @Test func dataBeforeTheServersAnswerIsDropped() throws {
        var play = try FlowPlaybook()
        play.whenAgent(Self.syn, at: -1, acknowledging: nil)
        play.whenAgentSends(Self.hello)
        play.expect("drop")
        play.whenAgent()
        play.expect("drop")
    }

    @Test func theServersAnswerMustBeToThisSYN() throws {
        var play = try FlowPlaybook()
        play.whenAgent(Self.syn, at: -1, acknowledging: nil)
        // The server's connection began ten bytes later; the hello would be read from its eleventh.
        play.agentStart &-= 10
        play.whenAgent(Self.syn, at: -1, acknowledging: nil)
        play.expect("pass judging")
        play.whenServer(Self.syn | Self.ack, at: -1, acknowledging: 10)
        play.expect("pass judging")
        play.whenAgentSends(Self.hello)
        play.expect("drop")
        play.whenServer(Self.syn | Self.ack, at: -1)
        play.expect("pass judging")
        play.whenAgentSends(Self.hello)
        play.expect("settle 6:judging | allow")
    }

    /// A server under load keeps nothing but its cookie, which comes back in the first acknowledgement.
    @Test func anEarlierCookieIsOfNoUse() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.agentStart &-= 10
        play.whenAgent(Self.syn, at: -1, acknowledging: nil)
        play.expect("pass judging")
        play.serverStart &-= 10
        play.whenServer(Self.syn | Self.ack, at: -1)
        play.expect("pass judging")
        play.whenAgent(at: 10, acknowledging: 10)
        play.expect("drop")
        play.whenAgent(at: 10)
        play.expect("drop")
        play.whenAgentSends(Self.hello)
        play.expect("settle 8:judging | allow")
        play.whenAgent(at: 10, acknowledging: 10)
        play.expect("drop")
        play.whenAgent(at: 10, acknowledging: -10)
        play.expect("drop")
    }

    @Test func theServersFirstAnswerStands() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenServer(Self.syn | Self.ack, at: -1)
        play.expect("pass judging")
        play.whenServer(Self.syn | Self.ack, at: 0)
        play.expect("drop")
        play.whenAgentSends(Self.hello)
        play.expect("settle 6:judging | allow")
        play.whenServer(Self.syn | Self.ack, at: 99)
        play.expect("drop")
    }

    @Test func aSYNOnceMore() throws {
        var play = try FlowPlaybook()
        play.whenAgent(Self.syn, at: -1, acknowledging: nil)
        play.whenAgent(Self.syn, at: -1, acknowledging: nil)
        play.expect("pass judging")
        play.whenServer(Self.syn | Self.ack, at: -1)
        play.whenAgent(Self.syn, at: -1, acknowledging: nil)
        play.expect("pass judging")
        play.whenAgentSends(Self.hello[..<9])
        play.whenAgent(Self.syn, at: -1, acknowledging: nil)
        play.expect("drop")
        play.whenAgent(Self.syn, at: 3, acknowledging: nil)
        play.expect("settle 5:drop 7:refused + reset server 0 | deny tls.hello_changed: opened anew while its first bytes were held")
        // And again from the start.
        play.whenOpened()
    }

    @Test func aNewSYNOnAnAcceptedFlowIsJudgedAnew() throws {
        for isForwarded in [false, true] {
            var play = try accepted()
            if isForwarded { play.whenServer(acknowledging: Self.hello.count) }
            play.agentStart &+= 5
            play.whenAgent(Self.syn, at: -1, acknowledging: nil)
            play.expect("pass judging")
            play.whenAgentSends(Self.hello)
            play.expect("drop")
            play.whenServer(acknowledging: Self.hello.count)
            play.expect("pass judging")
        }
    }

    // Flags and options

    @Test func dataWithTheSYNIsDropped() throws {
        var play = try FlowPlaybook()
        play.whenAgent(Self.syn, at: -1, acknowledging: nil, Self.hello)
        play.expect("drop")
        play.whenOpened()
        play.whenAgent(Self.syn, at: -1, acknowledging: nil, Self.hello)
        play.expect("drop")
    }

    /// Kind 30 is MPTCP; options that cannot be read could be.
    @Test(arguments: [
        ([30, 4, 0, 0], "drop"), ([1, 30, 2, 0], "drop"), ([2, 4, 5, 180, 1, 3, 3, 7], "pass judging"),
        ([2, 4, 5, 180, 30, 4, 0, 0], "drop"), ([9, 0, 1, 1], "drop"), ([9, 9, 1, 1], "drop"), ([0, 30, 2, 0], "pass judging"),
        ([1, 1, 1, 9], "drop"),
    ] as [([UInt8], String)])
    func multipathIsNotOffered(options: [UInt8], words: String) throws {
        var play = try FlowPlaybook()
        play.whenAgent(Self.syn, at: -1, acknowledging: nil, options: options)
        play.expect(words)
    }

    @Test func urgentDataIsRefusedUntilTheHelloIsAcknowledged() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgent(Self.ack | PacketBytes.urg, Self.hello)
        play.expect("settle 4:refused + reset server 0 | deny tls.malformed_hello: urgent data")
        play = try accepted()
        play.whenAgent(Self.ack | PacketBytes.urg, at: Self.hello.count, [1])
        play.expect("settle 5:refused + reset server 0 | deny tls.malformed_hello: urgent data")
    }

    @Test func aResetPassesAndEndsIt() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgentSends(Self.hello[..<9])
        play.whenAgent(PacketBytes.rst, at: 9, acknowledging: nil)
        play.expect("settle 4:drop 5:judging")
        play.whenAgentSends(Self.hello)
        play.expect("drop")
        play.whenOpened()
        play.whenAgent(PacketBytes.rst | Self.ack, [1, 2, 3])
        play.expect("drop")
        play.whenServer(PacketBytes.rst)
        play.expect("pass judging")
        play.whenAgentSends(Self.hello)
        play.expect("drop")
    }

    @Test func closingBeforeTheHelloIsWhole() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgent(Self.ack | PacketBytes.fin)
        play.expect("settle 4:refused + reset server 0")
        play.whenOpened()
        play.whenAgentSends(Self.hello[..<9])
        play.whenAgent(Self.ack | PacketBytes.fin, at: 9)
        play.expect("settle 8:drop 9:refused + reset server 0 | deny tls.malformed_hello: closed before the ClientHello was whole")
    }

    @Test func closingWithTheHello() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgent(Self.ack | PacketBytes.fin, Self.hello)
        play.expect("settle 4:judging | allow")
        play.whenServer(acknowledging: Self.hello.count + 1)
        play.expect("pass direct")
    }

    @Test func oddCombinationsOfFlagsAreDropped() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        for flags in [0, Self.syn | Self.ack, Self.syn | PacketBytes.fin, PacketBytes.fin, PacketBytes.psh] {
            play.whenAgent(flags, Self.hello)
            play.expect("drop")
        }
    }

    // The server

    @Test func aServerThatSpeaksFirstIsNotHeard() throws {
        var play = try FlowPlaybook()
        play.whenAgent(Self.syn, at: -1, acknowledging: nil)
        play.whenServer(Self.syn | Self.ack, at: -1, [1])
        play.expect("drop")
        play.whenServer(Self.syn, at: -1)
        play.expect("drop")
        play.whenServer(Self.ack, [1, 2])
        play.expect("drop")
        play.whenServer(Self.syn | Self.ack, at: -1)
        play.expect("pass judging")
        play.whenServer(Self.ack, Array("220 hello\r\n".utf8))
        play.expect("drop")
        play.whenServer(PacketBytes.rst, [1])
        play.expect("drop")
        play.whenServer(acknowledging: 5)
        play.expect("drop")
        // It may lose patience.
        play.whenServer(Self.ack | PacketBytes.fin)
        play.expect("pass judging")
        play.whenAgent(acknowledging: 1)
        play.expect("pass judging")
        play.whenAgent(acknowledging: 2)
        play.expect("drop")
    }

    @Test func theAgentCannotAcknowledgeWhatTheServerDidNotSend() throws {
        var play = try accepted()
        play.whenServer(at: 0, acknowledging: 10, [1, 2, 3])
        play.expect("pass judging")
        for (acknowledged, words) in [(0, "pass judging"), (3, "pass judging"), (4, "drop"), (-1, "drop"), (1 << 30, "drop")] {
            play.whenAgent(at: Self.hello.count, acknowledging: acknowledged)
            play.expect(words)
        }
    }

    // Limits

    @Test func heldPacketsOfAFlow() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        let padded = HelloBytes.record([HelloBytes.extension(21, [UInt8](repeating: 0, count: 600))])
        for index in 0..<Limits.heldPacketsPerFlow {
            play.whenAgentSends([padded[index]], at: index)
            play.expect("hold")
        }
        play.whenAgentSends([padded[Limits.heldPacketsPerFlow]], at: Limits.heldPacketsPerFlow)
        let (said, held) = (play.said, play.held.count)
        #expect(said.hasSuffix("260:refused + reset server 0 | deny tls.malformed_hello: in more than 256 segments"))
        #expect(held == 0)
    }

    @Test func heldPacketsInAll() throws {
        var play = try FlowPlaybook()
        for flow in 0..<Limits.heldPackets / 128 {
            play.agentPort = 1000 + UInt16(flow)
            play.whenOpened()
            for index in 0..<128 { play.whenAgentSends([index == 0 ? 22 : 3], at: index * 2) }
            play.expect("hold")
        }
        play.agentPort = 40_000
        play.whenOpened()
        play.whenAgentSends([22])
        let last = play.last
        play.expect("settle \(last):refused + reset server 0 | deny ip.too_many_flows: too many packets wait for a verdict")
        // Room again.
        play.agentPort = 1000
        play.whenAgent(PacketBytes.rst, acknowledging: nil)
        play.agentPort = 40_000
        play.whenOpened()
        play.whenAgentSends([22])
        play.expect("hold")
    }

    @Test func flowsInAll() throws {
        var play = try FlowPlaybook()
        for flow in 0..<Limits.judgedFlows {
            play.agentPort = 1 + UInt16(flow)
            play.whenAgent(Self.syn, at: -1, acknowledging: nil)
        }
        play.expect("pass judging")
        play.agentPort += 1
        play.whenAgent(Self.syn, at: -1, acknowledging: nil)
        play.expect("refuse | deny ip.too_many_flows: too many flows wait for their ClientHello")
        play.wait(seconds: Limits.judgingSeconds)
        play.expect("")
        play.whenAgent(Self.syn, at: -1, acknowledging: nil)
        play.expect("pass judging")
    }

    @Test func timeRunsOut() throws {
        var play = try FlowPlaybook()
        play.whenOpened()
        play.whenAgentSends(Self.hello[..<9])
        play.whenAgentSends(Self.hello[20..<22], at: 20)
        play.wait(seconds: Limits.judgingSeconds - 1)
        play.expect("")
        play.wait(seconds: 1)
        play.expect("settle 4:drop 5:refused + reset server 0 | deny tls.malformed_hello: not whole within 15 seconds")
        let held = play.held.count
        #expect(held == 0)
        play.whenOpened()
        play.wait(seconds: Limits.judgingSeconds)
        play.expect("settle + reset server 0 + reset agent 0 | deny flow.no_first_bytes")
        play = try accepted()
        play.wait(seconds: Limits.acknowledgementSeconds)
        play.expect("settle + reset server 0 + reset agent 0")
        let isIdle = !play.plane.isJudging
        #expect(isIdle)
    }

    // Anything at all

    /// Any cut, any order, any copies: one verdict, and what passes is each packet that brought something, once.
    @Test(arguments: 0..<400) func anyWayOfSendingIsJudgedTheSame(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        let isAllowed = seed % 3 != 0
        let hello = isAllowed ? Self.hello : Self.twin
        var cuts = Set((0..<Int.random(in: 0...12, using: &generator)).map { _ in Int.random(in: 1..<hello.count, using: &generator) })
        cuts.formUnion([0, hello.count])
        let edges = cuts.sorted()
        var parts = zip(edges, edges.dropFirst()).map { $0..<$1 }
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            let start = Int.random(in: 0..<hello.count, using: &generator)
            parts.append(start..<Int.random(in: start + 1...hello.count, using: &generator))
        }
        parts.shuffle(using: &generator)
        var play = try FlowPlaybook()
        play.agentStart = .random(in: 0 ... .max, using: &generator)
        play.whenOpened()
        var known = Set<Int>()
        var carriers: [UInt32] = []
        for part in parts {
            let isComplete = known.count == hello.count
            play.whenAgentSends(hello[part], at: part.lowerBound)
            if isComplete {
                play.expect(isAllowed ? "pass judging" : "drop")
                continue
            }
            if known.isSuperset(of: part) {
                play.expect("drop")
                continue
            }
            known.formUnion(part)
            carriers.append(play.last)
            guard known.count == hello.count else {
                play.expect("hold")
                continue
            }
            let said = play.said
            #expect(said.hasSuffix(isAllowed ? " | allow" : " | deny tls.sni_mismatch"))
            let (held, passed) = (play.held.count, Array(play.passed.dropFirst(3)))
            #expect(held == 0 && passed == (isAllowed ? carriers : []))
        }
        #expect(known.count == hello.count)
    }
}

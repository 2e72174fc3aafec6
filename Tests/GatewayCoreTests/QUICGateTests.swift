import GatewayCore
import Policy
import TLSInterception
import TestSupport
import Testing
import WireFormats

@Suite("QUIC flows judged by their ClientHello")
struct QUICGateTests {
    private static let id: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    private static let other: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]
    private static let message = message(for: "a.example")

    private static func message(for name: String) -> [UInt8] { HelloBytes.message([HelloBytes.serverName(name)]) }

    private static func initial(
        _ frames: [UInt8], to identifier: [UInt8] = id, token: [UInt8] = [], keys: [UInt8]? = nil
    ) -> [UInt8] {
        QUICBytes.initial(frames, to: identifier, token: token, keys: keys) + [0, 0, 0]
    }

    private static func hello(_ name: String = "a.example", to identifier: [UInt8] = id) -> [UInt8] {
        initial(QUICBytes.crypto(message(for: name), at: 0), to: identifier)
    }

    private func accepted() throws -> DatagramPlaybook {
        var play = try DatagramPlaybook()
        play.whenAgent(Self.hello())
        play.expect("settle 1:direct | allow")
        return play
    }

    // What clients send

    @Test(arguments: [false, true]) func realClients(v6: Bool) throws {
        for datagrams in [QUICVectors.v1, QUICVectors.v2] {
            var play = try DatagramPlaybook(v6: v6, opener: InitialOpener())
            let bytes = Hex.bytes(datagrams[0])
            play.whenAgent(bytes + [UInt8](repeating: 0, count: 1200 - bytes.count))
            play.expect("settle 1:direct | allow")
        }
        var play = try DatagramPlaybook(opener: InitialOpener())
        play.whenAgent(Hex.bytes(QUICVectors.other[0]))
        play.expect("settle 1:refused | deny tls.sni_mismatch")
        play.whenAgent(Hex.bytes(QUICVectors.rfc9001[0]))
        play.expect("settle 2:refused | deny tls.sni_mismatch")
    }

    @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    func aRealHelloOverThreeDatagrams(order: [Int]) throws {
        #expect(QUICVectors.long.count == 3)
        var play = try DatagramPlaybook(opener: InitialOpener())
        play.whenAgent(Hex.bytes(QUICVectors.long[order[0]]))
        play.expect("hold")
        play.whenAgent(Hex.bytes(QUICVectors.long[order[1]]))
        play.expect("hold")
        play.whenAgent(Hex.bytes(QUICVectors.long[order[2]]))
        play.expect("settle 1:direct 2:direct 3:direct | allow")
        // Lost on the way and sent again.
        play.whenAgent(Hex.bytes(QUICVectors.long[0]))
        play.expect("pass direct")
    }

    @Test func framesInAnyOrderBetweenOthers() throws {
        var play = try DatagramPlaybook()
        let message = Self.message
        let frames = [0, 1] + QUICBytes.crypto(message[40...], at: 40) + [0, 0] + QUICBytes.crypto(message[..<20], at: 0) + [1]
        play.whenAgent(Self.initial(frames))
        play.expect("hold")
        play.whenAgent(Self.initial([1] + QUICBytes.crypto(message[10..<45], at: 10) + [0]))
        play.expect("settle 1:direct 2:direct | allow")
    }

    @Test func packetsTogetherInADatagram() throws {
        var play = try DatagramPlaybook()
        let message = Self.message
        play.whenAgent(
            QUICBytes.initial(QUICBytes.crypto(message[20...], at: 20), to: Self.id)
                + QUICBytes.initial(QUICBytes.crypto(message[..<20], at: 0), to: Self.id)
                + QUICBytes.long(1, to: Self.id, version: 1) + [3, 9, 9, 9] + [0x40, 1, 2])
        play.expect("settle 1:direct | allow")
    }

    @Test func earlyDataWaitsWithTheHello() throws {
        var play = try DatagramPlaybook()
        let early = QUICBytes.long(1, to: Self.id, version: 1) + [3, 9, 9, 9]
        play.whenAgent(early)
        play.expect("drop")
        play.whenAgent(Self.initial(QUICBytes.crypto(Self.message[..<20], at: 0)))
        play.expect("hold")
        play.whenAgent(early)
        play.expect("hold")
        play.whenAgent(Self.initial(QUICBytes.crypto(Self.message[20...], at: 20)))
        play.expect("settle 2:direct 3:direct 4:direct | allow")
        play.whenAgent(early)
        play.expect("pass direct")
    }

    @Test func theRestOfTheHandshakePasses() throws {
        var play = try accepted()
        let server: [UInt8] = [0x77, 0x77]
        play.whenAgent(Self.initial([2, 5, 0, 0, 5], to: server, keys: Self.id))
        play.expect("pass direct")
        play.whenAgent(QUICBytes.long(2, to: server, version: 1) + [3, 9, 9, 9])
        play.expect("pass direct")
        play.whenAgent([0x40, 1, 2, 3])
        play.expect("pass direct")
        play.whenServer([0x40, 1])
        play.expect("pass direct")
        play.wait(seconds: Limits.quicHandshakeSeconds)
        let isIdle = !play.plane.isJudging
        #expect(isIdle)
    }

    @Test func aClientStartsOverAfterARetry() throws {
        var play = try accepted()
        play.whenAgent(Self.initial(QUICBytes.crypto(Self.message, at: 0), to: Self.other, token: [5, 5, 5]))
        play.expect("settle 2:direct | allow")
        play.whenAgent(Self.initial(QUICBytes.crypto(Self.message(for: "twin.example"), at: 0), to: [9, 9], token: [5]))
        play.expect("settle 3:refused | deny tls.sni_mismatch")
    }

    @Test func theSecondHelloOfAConnectionIsJudgedToo() throws {
        for (name, words) in [("a.example", "settle 2:direct 3:direct | allow"), ("b.example", "settle 2:drop 3:refused | deny tls.sni_mismatch")] {
            var play = try accepted()
            let second = Self.message(for: name)
            let start = Self.message.count
            play.whenAgent(Self.initial(QUICBytes.crypto(second[10...], at: start + 10), to: [9], keys: Self.id))
            play.expect("hold")
            play.whenAgent(Self.initial(QUICBytes.crypto(second[..<10], at: start), to: [9], keys: Self.id))
            play.expect(words)
        }
    }

    // Which flows

    @Test func onlyWhereAllNamesAreUninspected() throws {
        var play = try DatagramPlaybook()
        try play.pin("full.example")
        play.whenAgent(Self.hello())
        play.expect("refuse | deny ip.protocol_not_allowed")
    }

    @Test func onlyOnPortsOfTheRule() throws {
        var play = try DatagramPlaybook()
        play.port = 8443
        play.whenAgent(Self.hello())
        play.expect("refuse | deny ip.protocol_not_allowed")
        try play.pin("far.example")
        play.whenAgent(Self.hello("far.example"))
        play.expect("settle 2:direct | allow")
        play.port = 53
        play.whenAgent(Self.hello())
        play.expect("answer | deny dns.malformed")
    }

    @Test func onlyWhereFlowsAreForwardedAndCanBeRead() throws {
        var play = try DatagramPlaybook(forwards: false)
        play.whenAgent(Self.hello())
        play.expect("refuse | deny ip.protocol_not_allowed")
        play = try DatagramPlaybook(opener: nil)
        play.whenAgent(Self.hello())
        play.expect("refuse | deny ip.protocol_not_allowed")
    }

    @Test func anotherAgentsPinsAreOfNoUse() throws {
        var play = try DatagramPlaybook()
        try play.pin("twin.example", for: AgentID(number: 2))
        play.whenAgent(Self.hello("twin.example"))
        play.expect("settle 1:refused | deny tls.sni_mismatch")
        try play.pin("twin.example")
        play.whenAgent(Self.hello("twin.example"))
        play.expect("settle 2:direct | allow")
    }

    @Test(arguments: [
        ([HelloBytes.serverName("A.EXAMPLE.")], "settle 1:direct | allow"),
        ([HelloBytes.extension(0xfe0d, [0]), HelloBytes.serverName("a.example")], "settle 1:direct | allow"),
        ([], "settle 1:refused | deny tls.no_server_name"),
        ([HelloBytes.serverName("a.example\0")], "settle 1:refused | deny tls.malformed_hello"),
        ([HelloBytes.serverName("full.example")], "settle 1:refused | deny tls.sni_mismatch"),
    ] as [([[UInt8]], String)])
    func isJudgedByItsName(extensions: [[UInt8]], words: String) throws {
        var play = try DatagramPlaybook()
        play.whenAgent(Self.initial(QUICBytes.crypto(HelloBytes.message(extensions), at: 0)))
        play.expect(words)
    }

    // What else comes

    static let others: [(String, [UInt8], String)] = [
        ("a short header", [0x40, 1, 2, 3], "ip.protocol_not_allowed"), ("a version to come", QUICBytes.long(0, to: [1], version: 0x1a2a_3a4a), "quic.version: version 0x1a2a3a4a"),
        ("version negotiation", QUICBytes.long(0, to: [1], version: 0), "quic.version: version 0x0"),
        ("draft 29", QUICBytes.long(0, to: [1], version: 0xff00_001d), "quic.version: version 0xff00001d"),
        ("a cut header", [0xc0, 0, 0, 0, 1, 9], "quic.malformed"),
        ("wrong keys", initial([1], keys: other), "quic.malformed: a packet without its keys"),
        ("a Retry", QUICBytes.long(3, to: [1], version: 1) + [1, 2, 3], "quic.malformed: a Retry from a client"),
        ("a stream", initial([8, 0, 0]), "quic.malformed: a frame that has no place in an Initial packet"),
        ("no frame", initial([]), "quic.malformed: a frame that has no place in an Initial packet"),
        ("a ServerHello", initial(QUICBytes.crypto([2, 0, 0, 0], at: 0)), "tls.malformed_hello: the first message is not a ClientHello"),
        ("far away", initial(QUICBytes.crypto([2], at: Limits.judgedHelloBytes)), "tls.malformed_hello: the ClientHello is not within the first 16384 bytes"),
        ("too long", initial(QUICBytes.crypto([1, 1, 0, 0], at: 0)), "tls.malformed_hello: the ClientHello is over 65536 bytes"),
        ("more behind it", initial(QUICBytes.crypto(message + [1], at: 0)), "tls.malformed_hello: bytes follow the ClientHello"),
        ("two connections", QUICBytes.initial([1], to: id) + QUICBytes.initial([1], to: other), "quic.malformed: packets of two connections in a datagram"),
    ]

    @Test(arguments: others) func isRefused(what: String, datagram: [UInt8], words: String) throws {
        var play = try DatagramPlaybook()
        play.whenAgent(datagram)
        play.expect("settle 1:refused | deny \(words)")
        let isIdle = !play.plane.isJudging
        #expect(isIdle, "\(what)")
    }

    @Test func nothingIsNothing() throws {
        var play = try DatagramPlaybook()
        play.whenAgent([])
        play.expect("drop")
    }

    // Evasions

    @Test func aHelloThatIsSentAgainMustBeTheSame() throws {
        var play = try accepted()
        play.whenAgent(Self.hello())
        play.expect("pass direct")
        play.whenAgent(Self.hello("b.example"))
        play.expect("settle 3:refused | deny tls.hello_changed")
        play = try DatagramPlaybook()
        play.whenAgent(Self.initial(QUICBytes.crypto(Self.message[..<20], at: 0)))
        play.whenAgent(Self.initial(QUICBytes.crypto([0], at: 3)))
        play.expect("settle 1:drop 2:refused | deny tls.hello_changed")
    }

    /// The server may have half of the first; the other half could make up a third name.
    @Test func aRefusalDoesNotMakeRoomForAnotherHello() throws {
        var play = try accepted()
        play.whenAgent(Self.initial(QUICBytes.crypto([1, 0], at: Self.message.count)))
        play.expect("hold")
        play.whenAgent([0xc0])
        play.expect("settle 2:drop 3:refused | deny quic.malformed")
        play.whenAgent(Self.hello())
        play.expect("pass direct")
        try play.pin("twin.example")
        play.whenAgent(Self.hello("twin.example"))
        play.expect("settle 5:refused | deny tls.hello_changed")
    }

    @Test func anotherConnectionOnTheSamePortIsJudged() throws {
        var play = try accepted()
        play.whenAgent(Self.hello("b.example", to: Self.other))
        play.expect("settle 2:refused | deny tls.sni_mismatch")
        // Hidden behind a packet that nobody reads.
        play = try accepted()
        play.whenAgent(
            QUICBytes.long(2, to: Self.other, version: 1) + [1, 9] + Self.hello("b.example", to: Self.other))
        play.expect("settle 2:refused | deny tls.sni_mismatch")
    }

    /// AES-GCM does not commit to its key.
    @Test func aPacketThatOpensWithTwoKeysIsRefused() throws {
        var play = try accepted()
        let evil = QUICBytes.crypto(Self.message(for: "b.example"), at: 0)
        play.whenAgent(
            QUICBytes.initial(
                payload: QUICBytes.payload([1], Self.id) + QUICBytes.payload(evil, Self.other), to: Self.other))
        play.expect("settle 2:refused | deny quic.malformed: a packet that opens with two keys")
    }

    @Test func copiesOfWhatIsHeldAreDropped() throws {
        var play = try DatagramPlaybook()
        play.whenAgent(Self.initial(QUICBytes.crypto(Self.message[..<20], at: 0)))
        play.whenAgent(Self.initial(QUICBytes.crypto(Self.message[..<20], at: 0)))
        play.expect("drop")
        play.whenAgent(Self.initial([1]))
        play.expect("drop")
    }

    // Limits

    @Test func heldDatagramsOfAConnection() throws {
        var play = try DatagramPlaybook()
        for index in 0..<Limits.heldDatagramsPerConnection {
            play.whenAgent(Self.initial(QUICBytes.crypto([7], at: 100 + index)))
            play.expect("hold")
        }
        play.whenAgent(Self.initial(QUICBytes.crypto([7], at: 99)))
        let (said, held) = (play.said, play.held.count)
        #expect(said.hasSuffix("33:refused | deny tls.malformed_hello: in more than 32 datagrams") && held == 0)
    }

    @Test func connectionsOfAFlow() throws {
        var play = try DatagramPlaybook()
        for index in 0..<UInt8(Limits.quicConnectionsPerFlow) { play.whenAgent(Self.hello(to: [9, index])) }
        play.whenAgent(Self.hello(to: [9, 99]))
        play.expect("settle 9:refused | deny ip.too_many_flows: more than 8 QUIC connections on one port")
    }

    @Test func heldPacketsAndFlowsInAll() throws {
        var play = try DatagramPlaybook()
        for flow in 0..<Limits.heldPackets {
            play.agentPort = 1 + UInt16(flow)
            play.whenAgent(Self.initial(QUICBytes.crypto([1], at: 0)))
        }
        play.expect("hold")
        play.agentPort += 1
        play.whenAgent(Self.initial(QUICBytes.crypto([1], at: 0)))
        play.expect("settle 2049:refused | deny ip.too_many_flows: too many packets wait for a verdict")
        play.wait(seconds: Limits.judgingSeconds)
        let held = play.held.count
        #expect(held == 0)
        for flow in 0..<Limits.judgedFlows {
            play.agentPort = 1 + UInt16(flow)
            play.whenAgent(Self.initial([1, 1]))
            play.whenAgent(Self.hello())
        }
        play.agentPort += 1
        play.whenAgent(Self.hello())
        play.expect("refuse | deny ip.too_many_flows: too many flows wait for their ClientHello")
    }

    @Test func timeRunsOut() throws {
        var play = try DatagramPlaybook()
        play.whenAgent(Self.initial(QUICBytes.crypto(Self.message[..<20], at: 0)))
        play.whenAgent(Self.initial(QUICBytes.crypto(Self.message[20..<30], at: 20)))
        play.wait(seconds: Limits.judgingSeconds - 1)
        play.expect("")
        play.wait(seconds: 1)
        play.expect("settle 1:drop 2:refused | deny tls.malformed_hello: not whole within 15 seconds")
    }

    /// Any cut into frames, packets and datagrams, in any order, with copies: one verdict, and nothing is lost.
    @Test(arguments: 0..<200) func anyWayOfSendingIsJudgedTheSame(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        let isAllowed = seed % 3 != 0
        let message = Self.message(for: isAllowed ? "a.example" : "b.example")
        var edges = Set((0..<Int.random(in: 0...15, using: &generator)).map { _ in Int.random(in: 1..<message.count, using: &generator) })
        edges.formUnion([0, message.count])
        let sorted = edges.sorted()
        var parts = zip(sorted, sorted.dropFirst()).map { $0..<$1 }
        parts.shuffle(using: &generator)
        var play = try DatagramPlaybook()
        var sent: [UInt32] = []
        while !parts.isEmpty {
            var frames: [UInt8] = []
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                guard let part = parts.popLast() else { break }
                frames += QUICBytes.crypto(message[part], at: part.lowerBound) + (Bool.random(using: &generator) ? [0, 1] : [])
            }
            play.whenAgent(Self.initial(frames))
            sent.append(play.last)
            if !parts.isEmpty {
                play.expect("hold")
                if Bool.random(using: &generator) {
                    play.whenAgent(Self.initial(frames))
                    play.expect("drop")
                }
            }
        }
        let (said, passed, held) = (play.said, play.passed, play.held.count)
        #expect(said.hasSuffix(isAllowed ? "| allow" : "| deny tls.sni_mismatch"))
        #expect(passed == (isAllowed ? sent : []) && held == 0)
    }
}

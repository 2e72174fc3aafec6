@testable import GatewayRuntime
@testable import LinuxKernel
import Testing
import WireFormats

/// Whose is what, and how it is written, without a kernel.
@Suite("Facts of a bundle")
struct EvidenceFactsTests {
    private static let shared = EvidenceSubject.Place(namespace: 1, path: "/proc/self/ns/net", isShared: true)
    private static let own = EvidenceSubject.Place(namespace: 2, path: "/none", isShared: false)

    private static func subject(_ name: String, users: [UInt32] = [], scope: UInt32, places: [EvidenceSubject.Place] = [shared]) -> EvidenceSubject {
        var subject = EvidenceSubject(name: name)
        subject.users = users
        subject.marks = scope == 0 ? [] : [FlowMarkFilter(value: 0x5043_0000 | scope << 8, mask: 0xffff_ff00)]
        subject.places = places
        return subject
    }

    private static func process(_ number: Int32, _ owner: [String], isGateway: Bool = false, sockets: [UInt64] = []) -> EvidenceFacts.OwnedProcess {
        .init(
            process: ProcessEntry(
                process: number, parent: 1, start: 5, realUser: 1000, effectiveUser: 1000, state: "S", name: "curl\n\u{1b}[2J", threads: 1,
                cgroup: nil, processNamespaces: [9], networkNamespace: 1,
                details: .init(
                    executable: "/usr/bin/curl", program: "ghp_abcdefghijklmnopqrst0123456789", argumentCount: 3, hasMoreArguments: false,
                    sockets: sockets, hasMoreDescriptors: false)),
            owner: .init(agents: owner, isGateway: isGateway))
    }

    private static func socket(_ local: String, _ port: UInt16, _ remote: String, _ remotePort: UInt16, user: UInt32 = 0, inode: UInt64 = 77, mark: UInt32? = nil) throws -> SocketEntry {
        let address = try #require(IPAddress(local))
        return SocketEntry(
            kind: .tcp, family: address.family, local: address, localPort: port, remote: try #require(IPAddress(remote)), remotePort: remotePort,
            state: 1, user: user, inode: inode, receiveQueue: 0, sendQueue: 0, mark: mark)
    }

    private static func flow(_ from: String, _ port: UInt16, _ to: String, _ toPort: UInt16, mark: UInt32 = 0) throws -> ConntrackEntry {
        let source = try #require(IPAddress(from))
        let destination = try #require(IPAddress(to))
        return ConntrackEntry(
            original: .init(source: source, destination: destination, protocolNumber: 6, sourcePort: port, destinationPort: toPort),
            reply: .init(source: destination, destination: source, protocolNumber: 6, sourcePort: toPort, destinationPort: port), mark: mark,
            tcpState: 3, originalCounters: .init(packets: 1, bytes: 100))
    }

    private static func first(_ name: String, of json: JSONText) -> JSONValue? { JSONValue(json.bytes.span)?[name]?.elements.first }

    @Test func inASharedPlaceOnlyWhatIsKnownIsTaken() throws {
        let subjects = [Self.subject("one", users: [1000], scope: 1), Self.subject("two", scope: 2)]
        let view = PlaceView(
            place: Self.shared, subjects: subjects, holders: [70: [700], 71: [701], 72: [702]],
            processes: [Self.process(700, ["two"]), Self.process(701, ["one", "two"], isGateway: true)])
        func owner(user: UInt32 = 0, inode: UInt64 = 99, mark: UInt32? = nil) throws -> EvidenceFacts.Owner? {
            view.owner(of: try Self.socket("10.0.0.1", 1, "10.0.0.2", 2, user: user, inode: inode, mark: mark))
        }
        #expect(try owner() == nil)
        #expect(try owner(user: 1000) == .init(agents: ["one"], isGateway: false))
        // A socket that nobody holds has user 0, or somebody's who is gone.
        #expect(try owner(user: 1000, inode: 0) == nil)
        #expect(try owner(inode: 0, mark: 0x5043_0205) == .init(agents: ["two"], isGateway: false))
        #expect(try owner(mark: 0x5043_0305) == nil)
        #expect(try owner(user: 1000, inode: 70) == .init(agents: ["two"], isGateway: false))
        #expect(try owner(inode: 71) == .init(agents: ["one", "two"], isGateway: true))
        #expect(try owner(inode: 72) == nil)
    }

    @Test func inAPlaceOfItsOwnEverythingIsTheAgents() throws {
        let subjects = [Self.subject("one", scope: 0, places: [Self.shared, Self.own]), Self.subject("two", scope: 2)]
        let view = PlaceView(place: Self.own, subjects: subjects, holders: [:], processes: [])
        #expect(view.owner(of: try Self.socket("10.0.0.1", 1, "10.0.0.2", 2)) == .init(agents: ["one"], isGateway: false))
        #expect(view.owner(of: try Self.flow("10.0.0.1", 1, "10.0.0.2", 2), SocketEnds([])) == .init(agents: ["one"], isGateway: false))
    }

    @Test func aFlowIsItsMarksOrItsSockets() throws {
        let subjects = [Self.subject("one", users: [1000], scope: 1), Self.subject("two", scope: 2)]
        let view = PlaceView(place: Self.shared, subjects: subjects, holders: [:], processes: [])
        // IPv4 over a socket of IPv6, as the gateway's upstream connections may be.
        let ends = SocketEnds([
            .init(
                socket: try Self.socket("::ffff:10.0.0.1", 5000, "::ffff:10.0.0.2", 443), namespace: 1,
                owner: .init(agents: ["two"], isGateway: true), holders: [701])
        ])
        #expect(view.owner(of: try Self.flow("10.0.0.1", 5000, "10.0.0.2", 443), ends) == .init(agents: ["two"], isGateway: true))
        #expect(view.owner(of: try Self.flow("10.0.0.2", 443, "10.0.0.1", 5000), ends) == .init(agents: ["two"], isGateway: true))
        #expect(view.owner(of: try Self.flow("10.0.0.1", 5001, "10.0.0.2", 443), ends) == nil)
        #expect(view.owner(of: try Self.flow("10.0.0.1", 5000, "10.0.0.2", 443, mark: 0x5043_0101), ends) == .init(agents: ["one"], isGateway: false))
        #expect(view.owner(of: try Self.flow("10.0.0.1", 5001, "10.0.0.2", 443, mark: 0x5043_0301), ends) == nil)
    }

    @Test(arguments: [
        (0x5043_0101, "intercepted"), (0x5043_0002, "direct"), (0x5043_ff03, "refused"), (0x5043_0004, "judging"), (0x5043_0105, nil),
        (0, nil), (1, nil), (0x5044_0001, nil),
    ] as [(UInt32, String?)])
    func marksAreVerdicts(mark: UInt32, verdict: String?) {
        #expect(EvidenceFacts.verdict(mark) == verdict)
    }

    @Test func writesWhatItFound() throws {
        var facts = EvidenceFacts(of: [])
        let owner = EvidenceFacts.Owner(agents: ["one"], isGateway: false)
        facts.processes = [Self.process(700, ["one"], sockets: [77])]
        facts.sockets = [.init(socket: try Self.socket("10.0.0.1", 5000, "10.0.0.2", 443), namespace: 1, owner: owner, holders: [700])]
        facts.flows = [.init(flow: try Self.flow("10.0.0.1", 5000, "10.0.0.2", 443, mark: 0x5043_0101), namespace: 1, owner: owner)]
        facts.unixCounts = [.init(namespace: 1, all: 4, owned: 2)]

        let process = try #require(Self.first("processes", of: facts.processesJSON))
        #expect(process["pid"]?.integer() == 700 && process["arguments"]?.integer() == 3 && process["exe"]?.text == "/usr/bin/curl")
        #expect(process["argv0"]?.text == "[34 characters]")
        #expect(!facts.processesJSON.text.contains("\u{1b}"))
        let socket = try #require(Self.first("sockets", of: facts.socketsJSON))
        #expect(socket["local"]?.text == "10.0.0.1:5000" && socket["pids"]?.elements == [.number("700")] && socket["mark"] == .null)
        #expect(Self.first("unix", of: facts.socketsJSON)?["all"]?.integer() == 4)
        let flow = try #require(Self.first("flows", of: facts.flowsJSON))
        #expect(flow["to"]?.text == "10.0.0.2:443" && flow["verdict"]?.text == "intercepted" && flow["state"]?.text == "ESTABLISHED")
        #expect(flow["processes"]?.elements.first?["pid"]?.integer() == 700 && flow["answered_by"] == nil)
        #expect(flow["sent_bytes"]?.integer() == 100 && flow["received_bytes"] == .null)
        let tracked = try #require(Self.first("flows", of: facts.conntrackJSON))
        #expect(tracked["mark"]?.text == "0x50430101" && tracked["original"]?["source_port"]?.integer() == 5000)
    }

    @Test func nothingIsWrittenOfNobody() {
        let facts = EvidenceFacts(of: [])
        #expect(facts.missing.isEmpty && facts.processes.isEmpty && facts.sockets.isEmpty && facts.flows.isEmpty)
        #expect(facts.processesJSON.text == "{\"processes\":[]}\n" && facts.socketsJSON.text == "{\"sockets\":[],\"unix\":[]}\n")
    }
}

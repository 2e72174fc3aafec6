import Testing

@testable import LinuxKernel

@Suite("Seals")
struct SealTests {
    @Test(arguments: [
        ("claude", "claude"), ("cgroup-a/b", "cgroup-a_2fb"), ("..", "_2e."), (".x", "_2ex"), ("a.b", "a.b"), ("*", "_2a"), ("_", "_5f"),
        ("ü", "_c3_bc"), ("a b", "a_20b"),
    ])
    func namesAreSpelledForFilesAndTables(name: String, encoded: String) {
        #expect(SealName.encoded(name) == encoded)
        #expect(SealName.decoded(encoded) == name)
    }

    @Test(arguments: ["_", "_2", "_zz", "_41", "a_2", ".a", "a_c3", "_2F"])
    func whatNobodyWouldHaveWrittenIsNoName(text: String) {
        #expect(SealName.decoded(text) == nil)
    }

    private func scope(_ match: HostRuleset.Match, number: UInt8 = 3) -> HostRuleset.Scope {
        HostRuleset.Scope(number: number, match: match, queue: 1, listenerPort: 2)
    }

    @Test func aTableHasTenHooksBeforeAndAfterTheQueue() {
        let text = SealTable(agent: "a", extent: .scopes([scope(.user(1000))]), servedMark: 0x5045_0001).text(isAsleep: true)
        for hook in ["prerouting", "input", "forward", "output", "postrouting"] {
            for priority in ["-500", "500"] {
                #expect(text.contains("type filter hook \(hook) priority \(priority); policy accept;"), "\(hook) \(priority)")
            }
        }
        #expect(text.contains("flags dormant"))
        #expect(text.contains("cut meta skuid 1000 drop"))
        #expect(text.contains("socket mark 0x50430305 drop"))
        #expect(text.contains("ct mark & 0xffffff00 == 0x50430300 drop"))
        #expect(!text.contains("$") && !text.contains("seal_NAME"), "\(text)")
    }

    @Test(arguments: [true, false])
    func aGatewaysOwnNamespaceDropsEverything(isAsleep: Bool) {
        let text = SealTable(agent: "a", extent: .namespace, servedMark: 7).text(isAsleep: isAsleep)
        let hooks = text.split(separator: "\n").filter { $0.contains("type filter hook") }
        #expect(hooks.count == 10 && hooks.allSatisfy { $0.contains("policy drop") })
        #expect(text.contains("flags dormant") == isAsleep)
        #expect(!text.contains("$") && !text.contains("seal_NAME"), "\(text)")
    }

    @Test func aRefillNeverSaysWhetherTheTableSleeps() {
        let table = SealTable(
            agent: "a", extent: .scopes([scope(.interface("br7", ports: ["p1", "p2"]))]), servedMark: 0x5045_0001)
        #expect(table.hasBridge)
        #expect(!table.refill.contains("table") && !table.refill.contains("dormant"))
        #expect(table.refill.hasPrefix("flush chain inet portcullis_seal_a cut\n"))
        #expect(table.refill.contains("add element bridge portcullis_seal_a ports { \"br7\", \"p1\", \"p2\" }"))
        #expect(!table.refill.contains("$") && !table.refill.contains("seal_NAME"))
    }

    @Test func aRecordIsReadAsItWasWritten() throws {
        var record = AgentRecord(
            name: "claude", process: 12, startedAt: 34, isService: true, hostNamespace: 56, servedMark: 0x5045_0001)
        record.places = [
            AgentRecord.Place(
                namespace: 56, path: "/proc/12/ns/net", isOwn: false, table: "portcullis_seal_claude", hasBridge: true,
                text: "table inet x {\n\n}\n", listing: "table inet x {\n\tchain y {\n\t}\n}\n"),
            AgentRecord.Place(
                namespace: 57, path: "/proc/12/fd/9 8", isOwn: true, table: "t", hasBridge: false, text: "", listing: ""),
        ]
        record.flows = [0x5043_0100]
        record.users = [1000]
        record.cgroups = ["a b/c"]
        record.interfaces = ["tap0"]
        record.processNamespace = 99
        record.agentNamespaces = [98]
        record.sentinel = "/run/my seal"
        let read = try #require(AgentRecord(text: record.text))
        #expect(read.text == record.text)
        #expect(read.places.map(\.path) == record.places.map(\.path))
        #expect(read.cgroups == ["a b/c"] && read.sentinel == "/run/my seal" && read.isService)
    }

    @Test func aBrokenRecordIsNone() {
        let record = AgentRecord(name: "a", process: 1, startedAt: 2, isService: false, hostNamespace: 3, servedMark: 4).text
        #expect(AgentRecord(text: record) != nil)
        for text in [
            "", "portcullis-agent 2\n", String(record.dropFirst()), record.replacing("gateway 1 2 jail", with: "gateway 1 jail"),
            record.replacing("host 3", with: "host x"), record + "colour red\n", record + "t orphan\n", record + "place x own inet /\n",
        ] {
            #expect(AgentRecord(text: text) == nil, "\(text)")
        }
    }
}

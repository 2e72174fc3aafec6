@testable import LinuxKernel
import Testing

@Suite("The host's ruleset")
struct HostRulesetTests {
    @Test func everyPlaceholderIsFilled() throws {
        let scopes: [HostRuleset.Scope] = [
            .init(number: 1, match: .user(1000), queue: 20547, listenerPort: 40001),
            .init(number: 2, match: .interface("br0", ports: ["tap0", "tap1"]), queue: 20548, listenerPort: 40002),
            .init(number: 255, match: .interface("tap7", ports: nil), queue: 20549, listenerPort: 40003),
        ]
        for statement in QueueStatement.allCases {
            let text = HostRuleset(gatewayUser: 64853, scopes: scopes).text(statement)
            let code = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }.joined(separator: "\n")
            #expect(!code.contains("$") && !code.contains("_N"))
            #expect(code.contains("meta skuid 1000 goto decide_1"))
            #expect(code.contains("elements = { \"br0\", \"tap0\", \"tap1\" }"))
            #expect(code.contains("listeners { 0x5043ff01 : 40003 }"))
            #expect(code.contains("queue num 20548") == (statement == .native))
        }
    }

    @Test(arguments: [
        ("29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n", "/sys/fs/cgroup"),
        ("29 23 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n", "/sys/fs/cgroup/unified"),
        ("29 23 0:26 / /mnt/cg rw - cgroup2 none rw\n29 23 0:26 / /sys/fs/cgroup rw - cgroup2 none rw\n", "/sys/fs/cgroup"),
        ("29 23 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw\n", nil), ("29 23 0:26 / /a\\040b rw - cgroup2 none rw\n", nil),
        ("29 23 0:26 /sub /mnt rw - cgroup2 none rw\n", nil), ("", nil), ("x - cgroup2 ", nil),
    ] as [(String, String?)])
    func findsTheHierarchy(table: String, mountPoint: String?) {
        #expect(CgroupPath.mountPoint(in: table) == mountPoint)
    }
}

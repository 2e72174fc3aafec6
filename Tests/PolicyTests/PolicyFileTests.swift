import Policy
import Testing
import WireFormats

@Suite("Policy files")
struct PolicyFileTests {
    @Test func readsEveryKeyThisVersionHas() throws {
        let model = try PolicyText.model(
            """
            version: 1
            mode: observe
            allow:
              - github.com
              - host: "*.github.com"
                methods: [GET, HEAD]
                paths: ["/repos/my-org/**"]
                ports: [443, 8000-8100, "9000-9001"]
                inspect: full
                comment: "read: only"
              - { address: 10.1.2.0/24, ports: [5432], protocol: tcp }
            deny:
              - host: gist.github.com
              - address: 10.1.2.3
            dns: { resolver: [1.1.1.1, 2606:4700:4700::1111] }
            tls:
              extra_ca: [/etc/portcullis/root.pem]
            """)
        #expect(model.mode == .observe)
        #expect(model.hostRules.map(\.pattern.description) == ["github.com", "*.github.com", "gist.github.com"])
        #expect(model.hostRules.map(\.effect) == [.allow, .allow, .deny])
        #expect(model.hostRules.map(\.origin.description) == ["policy.yaml:4", "policy.yaml:5", "policy.yaml:13"])
        #expect(model.hostRules[0].ports == .web)
        #expect(model.hostRules[1].ports?.description == "443, 8000-8100, 9000-9001")
        #expect(model.hostRules[1].methods?.names == ["GET", "HEAD"])
        #expect(model.hostRules[1].paths.map(\.text) == ["/repos/my-org/**"])
        #expect(model.hostRules[1].comment == "read: only")
        #expect(model.addressRules.map(\.prefix.description) == ["10.1.2.0/24", "10.1.2.3/32"])
        #expect(model.resolver.description == "1.1.1.1, 2606:4700:4700::1111")
        #expect(model.extraCA == ["/etc/portcullis/root.pem"])
    }

    @Test(arguments: ["version: 1\n", "version: 1\nallow:\n", "version: 1\nallow: []\n", "---\nversion: 1 # only\n"])
    func anEmptyAllowListAllowsNothing(text: String) throws {
        let policy = try PolicyText.model(text).compiled()
        #expect(policy.nameVerdict(try HostName("example.com")).denial?.reason == .dnsNameNotAllowed)
        #expect(!policy.isMissing)
    }

    /// A row: the text, and what is printed for it, whole.
    @Test(arguments: [
        ("", "policy.yaml:1:1: the file is empty\n  write: version: 1"),
        ("# nothing\n", "policy.yaml:1:1: the file is empty\n  write: version: 1"),
        ("- github.com", "policy.yaml:1:1: a policy file is a mapping that starts with `version: 1`, not a list\n  write: version: 1"),
        ("allow: [a.example]", "policy.yaml:1:1: the file does not say which version of the format it is in\n  write: version: 1"),
        ("version: 2", "policy.yaml:1:10: the only version of the policy format is 1\n  write: version: 1"),
        ("version: \"1\"", "policy.yaml:1:10: the only version of the policy format is 1\n  write: version: 1"),
        ("version: 1\nalow: [a.example]", "policy.yaml:2:1: unknown key `alow`\n  write: allow:"),
        ("version: 1\nwhatever: 1", "policy.yaml:2:1: unknown key `whatever`; known here: version, mode, extends, agents, allow, deny, budgets, dns, tls, kill_switch, control"),
        ("version: 1\nmode: enfroce", "policy.yaml:2:7: `enfroce` is not a mode\n  write: mode: enforce"),
        ("version: 1\nmode: true", "policy.yaml:2:7: `mode` takes text, not a truth value\n  write: mode: \"true\""),
        ("version: 1\nallow:\n  - hots: a.example", "policy.yaml:3:5: unknown key `hots`\n  write: host:"),
        ("version: 1\nallow:\n  - host: a.example\n    method: [GET]", "policy.yaml:4:5: unknown key `method`\n  write: methods:"),
        ("version: 1\nallow:\n  - host: 12", "policy.yaml:3:11: `host` takes text, not a number\n  write: host: \"12\""),
        ("version: 1\nallow:\n  - host:", "policy.yaml:3:10: `host` takes text, not nothing\n  write: host: TEXT"),
        ("version: 1\nallow:\n  - host: [a.example]", "policy.yaml:3:11: `host` takes text, not a list\n  write: host: TEXT"),
        ("version: 1\nallow:\n  - yes", "policy.yaml:3:5: a rule is a host or a mapping, not a truth value\n  write: - host: NAME"),
        ("version: 1\nallow: a.example", "policy.yaml:2:8: `allow` is a list of rules, not text\n  write: allow:\n  - host: NAME"),
        ("version: 1\nallow:\n  - { host: a.example, address: 10.0.0.1, ports: [1] }", "policy.yaml:3:5: a rule is for a `host` or for an `address`, not both\n  write: - host: NAME"),
        ("version: 1\nallow:\n  - { ports: [1] }", "policy.yaml:3:5: the rule names no host\n  write: - host: NAME"),
        ("version: 1\nallow:\n  - { host: a.example, ports: 443 }", "policy.yaml:3:31: `ports` is a list of ports\n  write: ports: [443]"),
        ("version: 1\nallow:\n  - { host: a.example, ports: [] }", "policy.yaml:3:31: `ports` is a list of ports\n  write: ports: [443]"),
        ("version: 1\nallow:\n  - { host: a.example, ports: [0] }", "policy.yaml:3:32: a port is a number from 1 to 65535 or a range of them\n  write: ports: [443, 8000-8100]"),
        ("version: 1\nallow:\n  - { host: a.example, ports: [65536] }", "policy.yaml:3:32: a port is a number from 1 to 65535 or a range of them\n  write: ports: [443, 8000-8100]"),
        ("version: 1\nallow:\n  - { host: a.example, ports: [9-8] }", "policy.yaml:3:32: a port is a number from 1 to 65535 or a range of them\n  write: ports: [443, 8000-8100]"),
        ("version: 1\nallow:\n  - { host: a.example, ports: [0443] }", "policy.yaml:3:32: a port is a number from 1 to 65535 or a range of them\n  write: ports: [443, 8000-8100]"),
        ("version: 1\nallow:\n  - { host: a.example, methods: [get] }", "policy.yaml:3:34: methods are written in upper case\n  write: methods: [GET]"),
        ("version: 1\nallow:\n  - { host: a.example, methods: [GTE] }", "policy.yaml:3:34: `GTE` is not a registered HTTP method\n  write: methods: [GET]"),
        ("version: 1\nallow:\n  - { host: a.example, methods: GET }", "policy.yaml:3:33: `methods` is a list, not text\n  write: methods: [GET]"),
        ("version: 1\nallow:\n  - { host: a.example, paths: [repos] }", "policy.yaml:3:32: a path starts with `/`\n  write: paths: [\"/repos\"]"),
        ("version: 1\nallow:\n  - { host: a.example, paths: [\"/a?b=c\"] }", "policy.yaml:3:32: paths are matched without query and fragment\n  write: paths: [\"/a\"]"),
        ("version: 1\nallow:\n  - { host: a.example, paths: [/a/../b] }", "policy.yaml:3:32: `.` and `..` segments are resolved before paths are matched, so this never matches"),
        ("version: 1\nallow:\n  - { host: a.example, inspect: fully }", "policy.yaml:3:33: `fully` is not an inspection level\n  write: inspect: full"),
        ("version: 1\nallow:\n  - { host: a.example, inspect: sni, methods: [GET] }", "policy.yaml:3:47: requests of a host with `inspect: sni` are not read, so its rule has no methods and no paths"),
        ("version: 1\ndeny:\n  - { host: a.example, inspect: full }", "policy.yaml:3:24: unknown key `inspect`; known here: host, methods, paths, ports, comment"),
        ("version: 1\nallow:\n  - address: 10.1.2.3", "policy.yaml:3:5: an address rule names its ports\n  write: - { address: 10.1.2.3, ports: [443] }"),
        ("version: 1\nallow:\n  - { address: 10.1.2.3/24, ports: [1] }", "policy.yaml:3:16: `10.1.2.3/24` has bits set behind its prefix length\n  write: address: 10.1.2.0/24"),
        ("version: 1\nallow:\n  - { address: 0.0.0.0/0, ports: [1] }", "policy.yaml:3:16: `0.0.0.0/0` is too broad: an address rule covers a /8 at most\n  write: address: 0.0.0.0/32"),
        ("version: 1\nallow:\n  - { address: \"2000::/15\", ports: [1] }", "policy.yaml:3:16: `2000::/15` is too broad: an address rule covers a /16 at most\n  write: address: \"2000::/128\""),
        ("version: 1\nallow:\n  - { address: \"::ffff:10.0.0.0/104\", ports: [1] }", "policy.yaml:3:16: `::ffff:10.0.0.0/104` is the IPv6 spelling of an IPv4 address\n  write: address: 10.0.0.0/8"),
        ("version: 1\nallow:\n  - { address: db.example, ports: [1] }", "policy.yaml:3:16: `db.example` is a name, not an address\n  write: - host: db.example"),
        ("version: 1\ntls: { extra_ca: [root.pem] }", "policy.yaml:2:19: `root.pem` is not an absolute path\n  write: extra_ca: [\"/PATH/root.pem\"]"),
        ("version: 1\ndns: { resolver: google }", "policy.yaml:2:18: `resolver` is `system` or a list of 1 to 8 addresses\n  write: resolver: [1.1.1.1]"),
        ("version: 1\ndns: { resolver: [dns.example] }", "policy.yaml:2:19: a resolver is named by its address\n  write: resolver: [1.1.1.1]"),
        ("version: 1\ndns: system", "policy.yaml:2:6: `dns` is a mapping, not text\n  write: dns: { resolver: … }"),
    ])
    func saysWhatIsWrongAndWhatToWrite(text: String, printed: String) {
        #expect(PolicyText.problems(text) == [printed])
    }

    /// What is designed but not enforced yet must not load as if it were.
    @Test(arguments: [
        "detect: { secrets: block }", "budgets: { per_host_bytes_per_hour: 200MiB }", "credentials: []", "mcp: {}",
        "recorder: {}", "mode: ask", "tls: { upstream_proxy: http://proxy.example }",
        "allow: [{ address: 10.0.0.1, ports: [53], protocol: udp }]",
    ])
    func refusesWhatItDoesNotEnforce(line: String) {
        let problems = PolicyText.problems("version: 1\n" + line)
        #expect(problems.count == 1)
        #expect(problems.first?.contains("is not supported by this version") == true, "\(problems)")
    }

    @Test func reportsAllProblemsOfAllFiles() {
        let problems = PolicyText.problems(
            "version: 1\nmode: maybe\nextends: [./a.yaml, nmp]\nallow:\n  - { host: \"*\", methods: [get], paths: [x] }\n",
            files: ["./a.yaml": "version: 1\nalow: []\n"])
        #expect(problems.map { String($0.prefix { $0 != " " }) } == [
            "policy.yaml:2:7:", "policy.yaml:5:13:", "policy.yaml:5:28:", "policy.yaml:5:42:", "./a.yaml:2:1:", "policy.yaml:3:21:",
        ])
    }

    @Test func boundsTheNumberOfProblems() {
        let text = "version: 1\nallow:\n" + String(repeating: "  - { host: \"*\" }\n", count: 5000)
        do {
            _ = try PolicyText.model(text)
            Issue.record("it loaded")
        } catch {
            let error = error as? PolicyError
            #expect(error?.problems.count == PolicyLimits.problemCount)
            #expect((error?.omittedCount ?? 0) > 0)
        }
    }

    @Test func loadsAHundredThousandHosts() throws {
        var text = "version: 1\nallow:\n"
        for index in 0..<50_000 { text += "  - host\(index).example\n  - host: \"*.host\(index).example\"\n" }
        let policy = try PolicyText.model(text).compiled()
        #expect(policy.nameVerdict(try HostName("host49999.example")).isAllowed)
        #expect(policy.nameVerdict(try HostName("a.b.host123.example")).isAllowed)
        #expect(!policy.nameVerdict(try HostName("host50000.example")).isAllowed)
        // One lookup for the name, one for each suffix of up to two labels, however deep the name.
        #expect(policy.lookupCount(for: try HostName("host49999.example")) == 2)
        let deep = Array(repeating: "a", count: 120).joined(separator: ".") + ".host1.example"
        #expect(policy.lookupCount(for: try HostName(deep)) == 3)
    }
}

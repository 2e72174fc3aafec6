import Policy
import Testing
import WireFormats

@Suite("Verdicts on names and flows")
struct HostVerdictTests {
    let policy: CompiledPolicy

    init() throws {
        policy = try PolicyText.compile(
            """
            allow:
              - github.com
              - "*.github.com"
              - { host: "*.corp.example", ports: [8443] }
              - { host: api.corp.example, methods: [GET], ports: [443] }
              - { host: both.example, ports: [80] }
            deny:
              - "*.raw.github.com"
              - { host: gist.github.com, methods: [POST] }
              - { host: old.github.com, ports: [80] }
            """)
    }

    @Test(arguments: [
        ("github.com", nil), ("api.github.com", nil), ("a.b.c.github.com", nil), ("raw.github.com", nil),
        ("x.raw.github.com", .dnsNameDenied), ("gist.github.com", nil), ("old.github.com", nil), ("corp.example", .dnsNameNotAllowed),
        ("a.corp.example", nil), ("agithub.com", .dnsNameNotAllowed), ("github.com.evil.example", .dnsNameNotAllowed),
        ("com", .dnsNameNotAllowed),
    ] as [(String, Reason?)])
    func names(name: String, reason: Reason?) throws {
        #expect(policy.nameVerdict(try HostName(name)).denial?.reason == reason)
    }

    @Test(arguments: [
        ("github.com", 443, nil), ("github.com", 80, nil), ("github.com", 22, .ipPortNotAllowed),
        ("old.github.com", 443, nil), ("old.github.com", 80, .ipPortNotAllowed), ("gist.github.com", 443, nil),
        ("x.raw.github.com", 443, .tlsSNINotAllowed), ("evil.example", 443, .tlsSNINotAllowed),
        ("a.corp.example", 8443, nil), ("a.corp.example", 443, .ipPortNotAllowed), ("api.corp.example", 443, nil),
        ("api.corp.example", 8443, nil), ("both.example", 443, .ipPortNotAllowed),
    ] as [(String, UInt16, Reason?)])
    func flows(name: String, port: UInt16, reason: Reason?) throws {
        #expect(policy.flowVerdict(host: try HostName(name), port: port).denial?.reason == reason)
    }

    @Test func theFirstPacketIsExplainedAsAName() throws {
        let evil = policy.flowVerdict(host: try HostName("evil.example"), port: 443, step: .address)
        #expect(evil.denial?.reason == .dnsNameNotAllowed)
        let denied = policy.flowVerdict(host: try HostName("x.raw.github.com"), port: 443, step: .address)
        #expect(denied.denial?.reason == .dnsNameDenied)
    }

    @Test func denialsNameTheRuleAndTheRemedy() throws {
        let unknown = policy.nameVerdict(try HostName("evil.example")).denial
        #expect(unknown?.remedy?.text == "- host: evil.example")
        #expect(unknown?.origin == nil)
        let denied = policy.nameVerdict(try HostName("x.raw.github.com")).denial
        #expect(denied?.origin?.description == "policy.yaml:9")
        #expect(denied?.isByDenyRule == true)
        #expect(denied?.remedy == nil)
        let port = policy.flowVerdict(host: try HostName("github.com"), port: 22).denial
        #expect(port?.origin?.description == "policy.yaml:3")
        #expect(port?.remedy?.text == "- { host: github.com, ports: [22] }")
        #expect(port?.subject == "github.com:22")
    }

    @Test func allowsNameTheirRule() throws {
        #expect(policy.nameVerdict(try HostName("github.com")).origin?.description == "policy.yaml:3")
        #expect(policy.nameVerdict(try HostName("a.github.com")).origin?.description == "policy.yaml:4")
    }

    /// A name that YAML would read as something else stays a name when pasted.
    @Test(arguments: [("no", "- host: \"no\""), ("1e5.e", "- host: \"1e5.e\""), ("_x.example", "- host: \"_x.example\""), ("null", "- host: \"null\"")])
    func remediesAreQuoted(name: String, line: String) throws {
        let remedy = try #require(policy.nameVerdict(try HostName(name)).denial?.remedy)
        #expect(remedy.text == line)
        let pasted = try PolicyText.compile("allow:\n  \(remedy)\n")
        #expect(pasted.nameVerdict(try HostName(name)).isAllowed)
    }

    @Test func withoutAPolicyEverythingIsDeniedAndSaysSo() throws {
        let none = PolicyModel.empty.compiled()
        #expect(none.isMissing)
        let host = try HostName("github.com")
        #expect(none.nameVerdict(host).denial?.reason == .policyMissing)
        #expect(none.flowVerdict(host: host, port: 443).denial?.reason == .policyMissing)
        #expect(none.requestVerdict(host: host, port: 443, method: "GET", path: "/").denial?.reason == .policyMissing)
        #expect(none.addressVerdict(IPAddress(v4: 0x0808_0808), port: 443).denial?.reason == .policyMissing)
        #expect(Reason.policyMissing.remedyHint.contains("--policy"))
    }

    /// Of rules for one name the widest counts; requests that are forbidden must be read to be found.
    @Test(arguments: [
        ("[{ host: a.corp.example, inspect: sni }]", "[]", 443, .sni),
        ("[{ host: a.corp.example, inspect: sni, ports: [8443] }, a.corp.example]", "[]", 443, .full),
        ("[a.corp.example, { host: a.corp.example, inspect: sni }]", "[]", 443, .sni),
        ("[a.corp.example, { host: \"*.corp.example\", inspect: sni }]", "[]", 443, .full),
        ("[{ host: a.corp.example, inspect: sni }]", "[{ host: a.corp.example, methods: [POST] }]", 443, .full),
        ("[{ host: a.corp.example, inspect: sni }]", "[{ host: \"*.corp.example\", paths: [/x] }]", 443, .full),
        ("[{ host: a.corp.example, inspect: sni }]", "[{ host: a.corp.example, ports: [80], methods: [POST] }]", 443, .sni),
    ] as [(String, String, UInt16, Inspection)])
    func saysHowCloselyToLook(allow: String, deny: String, port: UInt16, inspection: Inspection) throws {
        let policy = try PolicyText.compile("allow: \(allow)\ndeny: \(deny)\n")
        let verdict = policy.flowVerdict(host: try HostName("a.corp.example"), port: port)
        guard case .allow(let approved) = verdict else { Issue.record("\(verdict)"); return }
        #expect(approved.inspection == inspection)
    }
}

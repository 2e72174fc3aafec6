import Policy
import Testing
import WireFormats

@Suite("Verdicts on requests")
struct RequestVerdictTests {
    let policy: CompiledPolicy

    init() throws {
        policy = try PolicyText.compile(
            """
            allow:
              - open.example
              - { host: read.example, methods: [GET, HEAD] }
              - { host: repo.example, methods: [GET], paths: ["/repos/my-org/**", "/user"] }
              - { host: repo.example, methods: [POST], paths: ["/**/git-upload-pack"] }
              - { host: guarded.example }
              - "*.wild.example"
              - { host: one.wild.example, methods: [PUT], ports: [8443] }
            deny:
              - { host: guarded.example, paths: ["/admin/**", "/a(b)"] }
              - { host: guarded.example, methods: [DELETE] }
              - { host: "*.wild.example", methods: [PATCH] }
              - { host: shut.wild.example }
            """)
    }

    @Test(arguments: [
        ("open.example", "GET", "/", nil), ("open.example", "DELETE", "/%2F..\\%00", nil), ("read.example", "GET", "/x", nil),
        ("read.example", "POST", "/x", .httpMethodNotAllowed), ("read.example", "get", "/x", .httpMethodNotAllowed),
        ("repo.example", "GET", "/repos/my-org/x/y", nil), ("repo.example", "GET", "/user", nil),
        ("repo.example", "GET", "/user/", .httpPathNotAllowed), ("repo.example", "GET", "/repos/my-org", .httpPathNotAllowed),
        ("repo.example", "GET", "/repos/other/x", .httpPathNotAllowed),
        ("repo.example", "GET", "/repos/my-org/../other", .httpPathNotAllowed),
        ("repo.example", "GET", "/repos/x/../my-org/a", nil), ("repo.example", "GET", "/repos/%6dy-org/a", nil),
        ("repo.example", "GET", "//repos/my-org/a", .httpPathNotAllowed),
        ("repo.example", "POST", "/a/b/git-upload-pack", nil), ("repo.example", "POST", "/git-upload-pack", nil),
        ("repo.example", "POST", "/a/b/git-receive-pack", .httpPathNotAllowed), ("repo.example", "PUT", "/user", .httpMethodNotAllowed),
        ("repo.example", "GET", "/repos/my-org/a%2Fb", .httpPathAmbiguous), ("repo.example", "GET", "/repos/my-org/a%5cb", .httpPathAmbiguous),
        ("repo.example", "GET", "/repos/my-org/a\\b", .httpPathAmbiguous), ("repo.example", "GET", "/repos/my-org/%00", .httpPathAmbiguous),
        ("repo.example", "GET", "/repos/my-org/%0d%0a", .httpPathAmbiguous), ("repo.example", "GET", "/repos/my-org/%7f", .httpPathAmbiguous),
        ("repo.example", "GET", "/repos/my-org/%", .httpPathAmbiguous), ("repo.example", "GET", "/repos/my-org/%zz", .httpPathAmbiguous),
        ("repo.example", "GET", "/repos/my-org/%2", .httpPathAmbiguous), ("repo.example", "GET", "/repos/../../user", .httpPathAmbiguous),
        ("repo.example", "GET", "/%2e%2e/user", .httpPathAmbiguous), ("repo.example", "GET", "/x/..;/user", .httpPathAmbiguous),
        ("repo.example", "GET", "/é", .httpPathAmbiguous), ("repo.example", "GET", "", .httpPathAmbiguous), ("repo.example", "OPTIONS", "*", .httpPathAmbiguous),
        ("guarded.example", "GET", "/", nil), ("guarded.example", "GET", "/admin/x", .httpPathNotAllowed),
        ("guarded.example", "GET", "//admin//x", .httpPathNotAllowed), ("guarded.example", "GET", "/%61dmin/x", .httpPathNotAllowed),
        ("guarded.example", "GET", "/a%28b%29", .httpPathNotAllowed), ("guarded.example", "GET", "/admin", nil),
        ("guarded.example", "DELETE", "/", .httpMethodNotAllowed), ("guarded.example", "GET", "/x/%2e%2e/admin/y", .httpPathNotAllowed),
        ("a.wild.example", "GET", "/", nil), ("a.wild.example", "PATCH", "/", .httpMethodNotAllowed),
        ("one.wild.example", "PUT", "/", nil), ("shut.wild.example", "GET", "/", .httpHostNotAllowed),
        ("wild.example", "GET", "/", .httpHostNotAllowed), ("evil.example", "GET", "/", .httpHostNotAllowed),
    ] as [(String, String, String, Reason?)])
    func followTheRules(host: String, method: String, path: String, reason: Reason?) throws {
        let verdict = policy.requestVerdict(host: try HostName(host), port: 443, method: method, path: path)
        #expect(verdict.denial?.reason == reason)
    }

    @Test(arguments: [
        ("read.example", 443, "POST", "/x", "- { host: read.example, methods: [POST] }", "POST read.example/x"),
        ("repo.example", 443, "GET", "/a/./b?", "- { host: repo.example, methods: [GET], paths: [\"/a/b?\"] }", "GET repo.example/a/./b?"),
        ("repo.example", 443, "GET", "/a*/\"", "- { host: repo.example, methods: [GET], paths: [\"/a%2A/\\\"\"] }", "GET repo.example/a*/\""),
        ("open.example", 9000, "GET", "/", "- { host: open.example, ports: [9000] }", "GET open.example:9000/"),
        ("evil.example", 443, "GET", "/", "- host: evil.example", "GET evil.example/"),
    ] as [(String, UInt16, String, String, String, String)])
    func carryTheNarrowestLine(host: String, port: UInt16, method: String, path: String, line: String, subject: String) throws {
        let path = String(path.prefix { $0 != "?" })
        let denial = try #require(policy.requestVerdict(host: try HostName(host), port: port, method: method, path: path).denial)
        #expect(denial.remedy?.text == line.replacing("?", with: ""))
        #expect(denial.subject == subject.replacing("?", with: ""))
        let pasted = try PolicyText.compile("allow:\n  \(try #require(denial.remedy))\n")
        #expect(pasted.requestVerdict(host: try HostName(host), port: port, method: method, path: path).isAllowed)
    }

    @Test func hostileTextIsBoundedAndPrintable() throws {
        let path = "/\u{1B}[31m\r\n" + String(repeating: "x", count: 5000)
        let denial = try #require(
            policy.requestVerdict(host: try HostName("evil.example"), port: 443, method: "GE\u{7}T", path: path).denial)
        #expect(denial.subject.hasPrefix("GE%07T evil.example/%1B[31m%0D%0Axxx"))
        #expect(denial.subject.utf8.count <= PolicyLimits.denialSubjectBytes + 3)
        #expect(denial.subject.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
        let method = policy.requestVerdict(host: try HostName("read.example"), port: 443, method: "FOO: [*]", path: "/").denial
        #expect(method?.reason == .httpMethodNotAllowed)
        #expect(method?.remedy == nil, "a line that would not load is not offered")
        let long = policy.requestVerdict(host: try HostName("repo.example"), port: 443, method: "GET", path: path.replacing("\u{1B}[31m\r\n", with: ""))
        #expect(long.denial?.reason == .httpPathNotAllowed)
        #expect(long.denial?.remedy == nil)
    }
}

import Policy
import Testing
import WireFormats

@Suite("Why and summary")
struct WhyTests {
    let policy: CompiledPolicy

    init() throws {
        policy = try PolicyText.compile(
            """
            allow:
              - { host: api.example.com, methods: [GET], comment: model API }
              - { address: 10.1.2.3, ports: [5432] }
            deny: [bad.example]
            """)
    }

    @Test(arguments: [
        ("https://api.example.com/v1?x#y", nil, "GET https://api.example.com/v1: allowed\n  name: allowed by policy.yaml:3\n  server name: allowed by policy.yaml:3\n  request: allowed by policy.yaml:3\n  names below example.com: 60 new names a minute, 64 KiB an hour, labels of 4.0 bits a character"),
        ("https://api.example.com/v1", "POST", "POST https://api.example.com/v1: denied\n  name: allowed by policy.yaml:3\n  server name: allowed by policy.yaml:3\n  request: denied; nearest rule: policy.yaml:3: http.method_not_allowed: Rules cover the host, but not with this method.\n  names below example.com: 60 new names a minute, 64 KiB an hour, labels of 4.0 bits a character\nto allow it, add under `allow:`\n  - { host: api.example.com, methods: [POST] }"),
        ("other.example", nil, "other.example: denied\n  name: denied: dns.name_not_allowed: No allow rule covers this name, so it is not resolved.\nto allow it, add under `allow:`\n  - host: other.example"),
        ("bad.example", nil, "bad.example: denied\n  name: denied by policy.yaml:5: dns.name_denied: A deny rule covers this name; deny rules win over allow rules.\nRemove or narrow the deny rule at the printed place."),
        ("10.1.2.3:5432", nil, "10.1.2.3:5432: allowed\n  address: allowed by policy.yaml:4"),
        ("10.1.2.4:22", nil, "10.1.2.4:22: denied\n  address: denied: ip.private: The address is private, local, reserved or a cloud metadata service.\nto allow it, add under `allow:`\n  - { address: 10.1.2.4/32, ports: [22] }"),
    ] as [(String, String?, String)])
    func answersInWords(asked: String, method: String?, text: String) throws {
        #expect(policy.why(try WhyQuery(asked, method: method)).text == text)
    }

    @Test func answersInJSON() throws {
        var json = JSONText()
        policy.why(try WhyQuery("http://api.example.com:8080/\u{7}")).append(to: &json)
        #expect(json.text == #"{"query":"GET http://api.example.com:8080/","allowed":false,"mode":"enforce","links":[{"link":"name","allowed":true,"rule":"policy.yaml:3","reason":null},{"link":"connection","allowed":false,"rule":"policy.yaml:3","reason":"ip.port_not_allowed"},{"link":"request","allowed":false,"rule":"policy.yaml:3","reason":"ip.port_not_allowed"}],"budget":"names below example.com: 60 new names a minute, 64 KiB an hour, labels of 4.0 bits a character","rule":"policy.yaml:3","reason":"ip.port_not_allowed","remedy":"- { host: api.example.com, ports: [8080], methods: [GET] }"}"#)
    }

    @Test(arguments: [
        ("https://api.example.com", "GET https://api.example.com/"), ("HTTP://API.example.com:80/x", "GET http://api.example.com/x"),
        ("bücher.example", "xn--bcher-kva.example"), ("a.example:80", "GET http://a.example/"), ("a.example:8443", "GET https://a.example:8443/"),
        ("[2606::1]:22", "[2606::1]:22"), ("2606::1", "[2606::1]:443"), ("https://10.0.0.1/x", "10.0.0.1:443"), ("http://10.0.0.1", "10.0.0.1:80"),
    ])
    func readsWhatPeopleAskFor(asked: String, read: String) throws {
        #expect(try WhyQuery(asked).description == read)
    }

    @Test(arguments: [
        ("ftp://a.example/", .scheme("ftp")), ("https://u:p@a.example/", .userInfo), ("a.example:0", .port), ("a.example:x", .port),
        ("", .name(.empty)), ("a b", .name(.forbiddenByte(0x20))), ("♥", .notANameOrAddress), ("https:///x", .name(.empty)),
    ] as [(String, WhyQueryError)])
    func saysWhatItCannotAnswer(asked: String, expected: WhyQueryError) {
        #expect(throws: expected) { try WhyQuery(asked) }
    }

    @Test func aDenyRuleForPathsIsToldApartFromAMissingAllowRule() throws {
        let policy = try PolicyText.compile("allow: [a.example]\ndeny: [{ host: a.example, paths: [/admin/**] }]\n")
        let lines = policy.why(try WhyQuery("https://a.example/admin/x")).text.split(separator: "\n")
        #expect(lines[3].contains("denied by policy.yaml:3: http.path_not_allowed: A deny rule covers it, and wins over every allow rule."))
        #expect(lines[5...] == ["Remove or narrow the deny rule at policy.yaml:3 if the agent should get through."])
    }

    @Test(arguments: ["get", "FOO", "A B", ""]) func saysThatAMethodIsNone(method: String) {
        #expect(throws: WhyQueryError.method(method)) { try WhyQuery("https://a.example/", method: method) }
    }

    @Test func observeSaysThatItPasses() throws {
        let policy = try PolicyText.compile("mode: observe\n")
        #expect(policy.why(.host(try HostName("a.example"))).text.hasSuffix("mode is observe: it passes all the same, and is logged"))
        #expect(!policy.why(.address(IPAddress(v4: 0x7f00_0001), port: 80)).text.contains("observe"))
    }

    @Test func summaryTellsEveryRule() throws {
        #expect(policy.summary() == [
            "mode: enforce", "made of: policy.yaml", "names are resolved by: system",
            "names below one domain, each agent: 60 new names a minute, 64 KiB an hour, labels of 4.0 bits a character",
            "sealed for critical findings: nobody; they are refused and recorded",
            "sealed when the record cannot be written: nobody; what cannot be recorded does not pass",
            "sealed when heartbeats stop: nobody; none is waited for",
            "sealed when somebody else changes the ruleset: every agent",
            "sealed by a file: every agent, as soon as the service's own sentinel is there",
            "may use the control socket: root",
            "refused, whatever else is allowed:",
            "  bad.example  [policy.yaml:5]", "allowed hosts:", "  api.example.com: GET (model API)  [policy.yaml:3]",
            "allowed addresses:", "  10.1.2.3/32: TCP ports 5432; not inspected  [policy.yaml:4]",
        ])
        #expect(PolicyModel.empty.compiled().summary() == ["no policy: everything is refused"])
        #expect(try PolicyText.compile("").summary().last == "nothing is allowed")
    }

    @Test func behindAServerNameNothingIsJudged() throws {
        let policy = try PolicyText.compile("allow:\n  - { host: a.example.com, inspect: sni }\n")
        let answer = policy.why(try WhyQuery("https://a.example.com/x"))
        #expect(answer.isAllowed && answer.links.map(\.name) == ["name", "server name"])
        #expect(answer.text.contains("  server name: allowed by policy.yaml:3; nothing behind it is read"))
        #expect(policy.why(try WhyQuery("http://a.example.com/x")).links.map(\.name) == ["name", "connection", "request"])
    }
}

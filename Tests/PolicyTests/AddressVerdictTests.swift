import Policy
import Testing
import WireFormats

@Suite("Verdicts on addresses")
struct AddressVerdictTests {
    let policy: CompiledPolicy

    init() throws {
        policy = try PolicyText.compile(
            """
            allow:
              - { address: 10.1.0.0/16, ports: [5432] }
              - { address: 10.1.2.3, ports: [22, 8000-8100] }
              - { address: 93.184.0.0/16, ports: [443] }
              - { address: "fd00:1::/32", ports: [443] }
            deny:
              - address: 10.1.9.0/24
              - { address: 93.184.216.34, ports: [443] }
            """)
    }

    @Test(arguments: [
        ("10.1.2.3", 5432, nil), ("10.1.2.3", 22, nil), ("10.1.2.3", 8050, nil), ("::ffff:10.1.2.3", 22, nil),
        ("10.1.2.3", 23, .ipPortNotAllowed), ("10.1.2.4", 22, .ipPortNotAllowed), ("10.1.9.1", 5432, .ipDenied),
        ("::ffff:10.1.9.1", 5432, .ipDenied), ("64:ff9b::10.1.9.1", 5432, .ipDenied), ("2002:a01:901::1", 5432, .ipDenied),
        ("64:ff9b::10.1.2.3", 22, .ipPrivate), ("10.2.0.1", 5432, .ipPrivate), ("169.254.169.254", 80, .ipPrivate),
        ("93.184.1.1", 443, nil), ("93.184.216.34", 443, .ipDenied), ("64:ff9b::93.184.216.34", 443, .ipDenied),
        ("93.184.216.34", 80, .ipPortNotAllowed), ("8.8.8.8", 443, .ipNotResolved), ("2606:2800::1", 443, .ipNotResolved),
        ("fd00:1::5", 443, nil), ("fd00:2::5", 443, .ipPrivate),
    ] as [(String, UInt16, Reason?)])
    func followTheRules(address: String, port: UInt16, reason: Reason?) throws {
        let verdict = policy.addressVerdict(try #require(IPAddress(address)), port: port)
        #expect(verdict.denial?.reason == reason)
        if case .allow(let approved) = verdict { #expect(approved.inspection == .direct) }
    }

    @Test func carryTheLineThatWouldAllowThem() throws {
        let v4 = policy.addressVerdict(try #require(IPAddress("10.2.0.1")), port: 5432).denial
        #expect(v4?.remedy?.text == "- { address: 10.2.0.1/32, ports: [5432] }")
        #expect(v4?.subject == "10.2.0.1:5432")
        let v6 = policy.addressVerdict(try #require(IPAddress("2606:2800::1")), port: 22).denial
        #expect(v6?.remedy?.text == "- { address: \"2606:2800::1/128\", ports: [22] }")
        #expect(v6?.subject == "[2606:2800::1]:22")
        let denied = policy.addressVerdict(try #require(IPAddress("10.1.9.1")), port: 5432).denial
        #expect(denied?.remedy == nil)
        #expect(denied?.isByDenyRule == true)
        #expect(denied?.origin?.description == "policy.yaml:8")
        let port = policy.addressVerdict(try #require(IPAddress("10.1.2.3")), port: 1).denial
        #expect(port?.origin?.description == "policy.yaml:4")
    }

    @Test(arguments: [
        ("10.1.2.3", nil), ("::ffff:10.1.2.3", nil), ("10.1.9.1", .privateUse), ("10.2.0.1", .privateUse),
        ("93.184.216.34", nil), ("fd00:1::1", nil), ("fd00:2::1", .uniqueLocal), ("127.0.0.1", .loopback),
    ] as [(String, AddressClass?)])
    func onlyExplicitRulesOpenForbiddenOnes(address: String, kind: AddressClass?) throws {
        #expect(policy.isForbidden(try #require(IPAddress(address))) == kind)
    }

    @Test(arguments: [
        ("a.example", "8.8.8.8", 443, nil), ("a.example", "93.184.216.34", 443, .ipDenied), ("a.example", "93.184.216.34", 80, nil),
        ("a.example", "127.0.0.1", 443, .ipPrivate), ("a.example", "10.1.2.3", 443, .ipPrivate), ("db.example", "10.1.2.3", 5432, nil), ("db.example", "10.1.9.1", 5432, .ipDenied), ("a.example", "10.1.2.3", 5432, .ipPortNotAllowed), ("a.example", "10.1.9.1", 443, .ipDenied),
        ("a.example", "64:ff9b::93.184.216.34", 443, .ipDenied), ("a.example", "8.8.8.8", 22, .ipPortNotAllowed), ("b.example", "8.8.8.8", 443, .dnsNameNotAllowed),
    ] as [(String, String, UInt16, Reason?)])
    func namesDoNotLeadPastAddressRules(name: String, address: String, port: UInt16, reason: Reason?) throws {
        let policy = try PolicyText.compile(
            """
            allow:
              - a.example
              - { host: db.example, ports: [5432] }
              - { address: 10.1.0.0/16, ports: [5432] }
            deny:
              - address: 10.1.9.0/24
              - { address: 93.184.216.34, ports: [443] }
            """)
        let verdict = policy.flowVerdict(host: try HostName(name), address: try #require(IPAddress(address)), port: port)
        #expect(verdict.denial?.reason == reason)
    }
}

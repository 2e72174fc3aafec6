import Policy
import Testing
import WireFormats

@Suite("Encrypted resolvers")
struct EncryptedResolverTests {
    /// Rules, a name, and whether it may be resolved, or why not.
    @Test(arguments: [
        ("\"*.opendns.com\"", "doh.opendns.com", nil), ("\"*.mullvad.net\"", "dns.mullvad.net", .dnsEncrypted),
        ("\"*.mullvad.net\"", "www.mullvad.net", nil), ("\"*.mullvad.net\"", "adblock.dns.mullvad.net", .dnsEncrypted),
        ("dns.mullvad.net", "dns.mullvad.net", nil), ("\"*.dns.mullvad.net\"", "adblock.dns.mullvad.net", nil),
        ("\"*.google.com\"", "google-public-dns-a.google.com", .dnsEncrypted), ("\"*.google.com\"", "www.google.com", nil),
        ("dns.google", "dns.google", nil), ("\"*.cloudflare-dns.com\"", "mozilla.cloudflare-dns.com", nil),
        ("\"*.cira.ca\"", "private.canadianshield.cira.ca", .dnsEncrypted),
        ("[\"*.cira.ca\", private.canadianshield.cira.ca]", "private.canadianshield.cira.ca", nil),
        ("[\"*.cira.ca\", \"*.canadianshield.cira.ca\"]", "private.canadianshield.cira.ca", nil),
        ("\"*.example.com\"", "dns.google.example.com", nil), ("a.example", "dns.google", .dnsNameNotAllowed),
    ] as [(String, String, Reason?)])
    func aBroadRuleOpensNone(rules: String, name: String, reason: Reason?) throws {
        let policy = try PolicyText.compile("allow: \(rules.hasPrefix("[") ? rules : "[\(rules)]")\n")
        #expect(policy.nameVerdict(try HostName(name)).denial?.reason == reason)
    }

    @Test func theDenialNamesTheLineAndTheRule() throws {
        let policy = try PolicyText.compile("allow:\n  - \"*.mullvad.net\"\n")
        let denial = policy.nameVerdict(try HostName("dns.mullvad.net")).denial
        #expect(denial?.remedy?.text == "- host: dns.mullvad.net")
        #expect(denial?.origin?.description == "policy.yaml:3")
        #expect(policy.why(.host(try HostName("dns.mullvad.net"))).text.contains("dns.encrypted"))
    }

    @Test(arguments: [
        "dns.google", "cloudflare-dns.com", "mozilla.cloudflare-dns.com", "one.one.one.one", "dns.quad9.net", "doh.opendns.com",
        "dns.adguard-dns.com", "doh.cleanbrowsing.org", "dns.nextdns.io", "abc123.dns.nextdns.io", "doh.dns.sb", "dns.mullvad.net",
        "x.cloudflare-gateway.com", "freedns.controld.com", "doh.pub", "dns.alidns.com", "protective.joindns4.eu",
    ])
    func requestsNeedARuleThatNamesTheResolver(name: String) throws {
        let host = try HostName(name)
        #expect(try PolicyText.compile("allow: [\(name)]\n").namesEncryptedResolver(host))
        #expect(!(try PolicyText.compile("allow: [other.example]\n").namesEncryptedResolver(host)))
        let base = name.split(separator: ".").dropFirst().joined(separator: ".")
        if base.contains(".") {
            #expect(!(try PolicyText.compile("allow: [\"*.\(base)\"]\n").namesEncryptedResolver(host)))
        }
    }

    @Test func anExactRuleForAnotherHostDoesNotMakeItAResolver() throws {
        #expect(!(try PolicyText.compile("allow: [api.example.com]\n").namesEncryptedResolver(try HostName("api.example.com"))))
    }

    @Test func presetsOpenNoResolver() throws {
        for preset in Preset.all {
            let policy = try PolicyText.compile("extends: [\(preset.name)]\n")
            for name in ["dns.google", "cloudflare-dns.com", "dns.quad9.net"] {
                #expect(!policy.nameVerdict(try HostName(name)).isAllowed, "\(preset.name)")
            }
        }
    }

    @Test func dnsOverTLSIsOpenedByARuleWithItsPort() throws {
        let policy = try PolicyText.compile("allow: [dns.quad9.net]\n")
        let host = try HostName("dns.quad9.net")
        let denial = policy.flowVerdict(host: host, port: 853).denial
        #expect(denial?.reason == .dnsEncrypted)
        let line = try #require(denial?.remedy).text
        #expect(line == "- { host: dns.quad9.net, ports: [853], inspect: sni }")
        #expect(try PolicyText.compile("allow:\n  \(line)\n").flowVerdict(host: host, port: 853).isAllowed)
        #expect(policy.why(try WhyQuery("dns.quad9.net:853")).remedy?.text != nil)
        // A name that nobody allowed is refused for that first.
        #expect(policy.flowVerdict(host: try HostName("dns.google"), port: 853, step: .address).denial?.reason == .dnsNameNotAllowed)
    }

    @Test(arguments: [("9.9.9.9", .dnsEncrypted), ("10.0.0.5", .ipPrivate), ("2620:fe::fe", .dnsEncrypted), ("::ffff:10.0.0.5", .ipPrivate)] as [(String, Reason)])
    func addressesOfDNSOverTLS(address: String, reason: Reason) throws {
        let policy = try PolicyText.compile("allow: [a.example]\n")
        let denial = policy.addressVerdict(try #require(IPAddress(address)), port: 853).denial
        #expect(denial?.reason == reason && denial?.remedy?.text.hasSuffix("ports: [853] }") == true)
        #expect(policy.addressVerdict(try #require(IPAddress(address)), port: 852).denial?.reason != .dnsEncrypted)
    }
}

import Policy
import Testing
import WireFormats

@Suite("Host patterns")
struct HostPatternTests {
    @Test(arguments: [
        ("github.com", "github.com"), ("GitHub.COM.", "github.com"), ("\"*.GitHub.com\"", "*.github.com"),
        ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u{308}cher.example", "xn--bcher-kva.example"), ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("ｇｉｔｈｕｂ．ｃｏｍ", "github.com"), ("\"*.bücher.example\"", "*.xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("faß.example", "xn--fa-hia.example"),
        ("_dmarc.example.com", "_dmarc.example.com"), ("intranet", "intranet"),
        ("правда.рф", "xn--80aafi6cg.xn--p1ai"),
    ])
    func areNormalised(written: String, read: String) throws {
        let model = try PolicyText.model("version: 1\nallow: [\(written)]")
        #expect(model.hostRules.map(\.pattern.description) == [read])
    }

    /// A row: what is written in `host`, a part of the message, and what to write instead.
    @Test(arguments: [
        ("*", "every host", "- host: NAME"),
        ("*.com", "too broad", "- host: \"*.NAME.com\""),
        ("*.co.uk", "too broad", "- host: NAME.co.uk"),
        ("*.github.io", "too broad", "- host: NAME.github.io"),
        ("*.amazonaws.com", "too broad", "- host: NAME.amazonaws.com"),
        ("*.s3.amazonaws.com", "too broad", "- host: NAME.s3.amazonaws.com"),
        ("*.workers.dev", "too broad", "- host: NAME.workers.dev"),
        ("*.ngrok.io.", "too broad", "- host: NAME.ngrok.io"),
        ("api.*.com", "very left", "- host: NAME"), ("*.api.*.example.com", "very left", "- host: \"*.example.com\""),
        ("*api.example.com", "very left", "- host: \"*.example.com\""),
        ("api*.example.com", "very left", "- host: \"*.example.com\""),
        ("*.*.example.com", "very left", "- host: \"*.example.com\""),
        ("https://api.example.com/v1/x?y=z", "is a URL", "- { host: api.example.com, paths: [\"/v1/x\"] }"),
        ("https://api.example.com", "is a URL", "- host: api.example.com"),
        ("http://user@api.example.com:8080/", "is a URL", "- { host: api.example.com, ports: [8080] }"),
        ("api.example.com/v1", "has a path", "- { host: api.example.com, paths: [\"/v1\"] }"),
        ("api.example.com:8443", "has a port", "- { host: api.example.com, ports: [8443] }"),
        ("10.1.2.3", "is an address", "- { address: 10.1.2.3, ports: [443] }"),
        ("10.1.2.3:5432", "is an address", "- { address: 10.1.2.3, ports: [443] }"),
        ("10.1.2.3/24", "is an address", "- { address: 10.1.2.0/24, ports: [443] }"),
        ("2606:4700::1", "is an address", "- { address: \"2606:4700::1\", ports: [443] }"),
        ("[2606:4700::1]:443", "is an address", "- { address: \"2606:4700::1\", ports: [443] }"),
        ("", "is empty", "- host: NAME"),
    ])
    func pointToWhatWasMeant(written: String, message: String, remedy: String) {
        let problems = PolicyText.problems("version: 1\nallow:\n  - host: \"\(written)\"\n")
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.contains(message) == true, "\(problems)")
        #expect(problems.first?.hasSuffix("\n  write: \(remedy)") == true, "\(problems)")
    }

    @Test(arguments: [
        "a b.example", "a..example", "-a.example", "a-.example", ".example.com", "a\\0.example", "a\\x07.example", "300.1.1.1",
        "1.2.3", "0x7f.1", "♥.example", "a\\u200db.example", "\\u0301a.example",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
    ])
    func areRefusedWhenNoHostHasThem(written: String) {
        let problems = PolicyText.problems("version: 1\nallow:\n  - host: \"\(written)\"\n")
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.contains("is not a host name") == true, "\(problems)")
    }

    @Test func mayBeBroadInDenyRules() throws {
        let policy = try PolicyText.compile("allow: [a.zip, b.example]\ndeny: [\"*.zip\"]\n")
        #expect(policy.nameVerdict(try HostName("a.zip")).denial?.reason == .dnsNameDenied)
        #expect(policy.nameVerdict(try HostName("b.example")).isAllowed)
    }
}

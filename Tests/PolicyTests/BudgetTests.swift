import Policy
import Testing
import WireFormats

@Suite("Budgets")
struct BudgetTests {
    private func budget(_ rules: String, files: [String: String] = [:]) throws -> DNSBudget {
        try PolicyText.model("version: 1\n" + rules, files: files).compiled().dnsBudget
    }

    @Test func holdWithoutAnyKey() throws {
        #expect(try budget("") == DNSBudget(uniqueNamesPerMinute: 60, bytesPerZonePerHour: 65_536, labelEntropyBits: 4))
        #expect(try budget("budgets: {}") == .standard)
    }

    @Test func areReadEachByItself() throws {
        let all = try budget(
            """
            budgets:
              dns_unique_names_per_minute: 120
              dns_bytes_per_zone_per_hour: 1MiB
              dns_label_entropy: 4.5
            """)
        #expect(all == DNSBudget(uniqueNamesPerMinute: 120, bytesPerZonePerHour: 1 << 20, labelEntropyBits: 4.5))
        #expect(try budget("budgets: { dns_label_entropy: 5 }") == DNSBudget(labelEntropyBits: 5))
    }

    @Test(arguments: [("4096", 4096), ("64KiB", 65_536), ("64 KiB", 65_536), ("2048B", 2048), ("1GiB", 1 << 30)])
    func sizes(text: String, bytes: Int) throws {
        #expect(try budget("budgets: { dns_bytes_per_zone_per_hour: \(text) }").bytesPerZonePerHour == bytes)
    }

    /// A file's own keys win; what it leaves out comes from what it extends, the first entry first.
    @Test func areJoinedKeyByKey() throws {
        let joined = try budget(
            "extends: [./a.yaml, ./b.yaml]\nbudgets: { dns_unique_names_per_minute: 5 }\n",
            files: [
                "./a.yaml": "version: 1\nbudgets: { dns_unique_names_per_minute: 7, dns_label_entropy: 3 }\n",
                "./b.yaml": "version: 1\nbudgets: { dns_label_entropy: 2, dns_bytes_per_zone_per_hour: 8KiB }\n",
            ])
        #expect(joined == DNSBudget(uniqueNamesPerMinute: 5, bytesPerZonePerHour: 8192, labelEntropyBits: 3))
    }

    @Test(arguments: [
        ("dns_unique_names_per_minute: 0", "2:41: `dns_unique_names_per_minute` is a number from 1 to 100000\n  write: dns_unique_names_per_minute: 60"),
        ("dns_unique_names_per_minute: many", "2:41: `dns_unique_names_per_minute` is a number from 1 to 100000\n  write: dns_unique_names_per_minute: 60"),
        ("dns_unique_names_per_minute: 1e3", "2:41: `dns_unique_names_per_minute` is a number from 1 to 100000\n  write: dns_unique_names_per_minute: 60"),
        ("dns_unique_names_per_minute: [1]", "2:41: `dns_unique_names_per_minute` is a number from 1 to 100000\n  write: dns_unique_names_per_minute: 60"),
        ("dns_bytes_per_zone_per_hour: 64KB", "2:41: `dns_bytes_per_zone_per_hour` is a size: a number with KiB, MiB or nothing for bytes\n  write: dns_bytes_per_zone_per_hour: 64KiB"),
        ("dns_bytes_per_zone_per_hour: much", "2:41: `dns_bytes_per_zone_per_hour` is a size: a number with KiB, MiB or nothing for bytes\n  write: dns_bytes_per_zone_per_hour: 64KiB"),
        ("dns_bytes_per_zone_per_hour: 100", "2:41: `dns_bytes_per_zone_per_hour` is from 1KiB to 1GiB\n  write: dns_bytes_per_zone_per_hour: 64KiB"),
        ("dns_bytes_per_zone_per_hour: 9999999999999GiB", "2:41: `dns_bytes_per_zone_per_hour` is from 1KiB to 1GiB\n  write: dns_bytes_per_zone_per_hour: 64KiB"),
        ("dns_label_entropy: 9", "2:31: `dns_label_entropy` is in bits a character, from 1.0 to 6.0\n  write: dns_label_entropy: 4.0"),
        ("dns_label_entropy: nan", "2:31: `dns_label_entropy` is in bits a character, from 1.0 to 6.0\n  write: dns_label_entropy: 4.0"),
        ("dns_unique_name_per_minute: 1", "2:12: unknown key `dns_unique_name_per_minute`\n  write: dns_unique_names_per_minute:"),
    ])
    func saysWhatIsWrong(key: String, printed: String) {
        #expect(PolicyText.problems("version: 1\nbudgets: { \(key) }") == ["policy.yaml:" + printed])
    }

    @Test func areInTheSummaryAndInWhy() throws {
        let policy = try PolicyText.compile("allow: [\"*.example.co.uk\"]\nbudgets: { dns_unique_names_per_minute: 9, dns_bytes_per_zone_per_hour: 1500 }\n")
        let words = "9 new names a minute, 1500 bytes an hour, labels of 4.0 bits a character"
        #expect(policy.summary().contains("names below one domain, each agent: \(words)"))
        #expect(policy.why(.host(try HostName("a.b.example.co.uk"))).text.hasSuffix("\n  names below example.co.uk: \(words)"))
        #expect(policy.why(.host(try HostName("other.example"))).budget == nil)
    }

    @Test(arguments: [
        ("example.com", "example.com"), ("a.b.c.example.com", "example.com"), ("com", "com"), ("a.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"), ("x.user.github.io", "user.github.io"), ("a.b.d1.cloudfront.net", "d1.cloudfront.net"),
        ("bucket.s3.amazonaws.com", "bucket.s3.amazonaws.com"), ("sts.amazonaws.com", "amazonaws.com"),
        ("a.run.app", "a.run.app"), ("x.y.a.run.app", "y.a.run.app"), ("_x.example.org", "example.org"),
    ])
    func zonesAreRegistrableDomains(name: String, domain: String) throws {
        #expect(PublicSuffix.registrableDomain(of: try HostName(name)) == domain)
    }
}

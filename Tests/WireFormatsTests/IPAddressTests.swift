import Testing
import WireFormats

@Suite("IP addresses")
struct IPAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("::", "::"), ("::1", "::1"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1::", "1::"), ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
    ])
    func readsAndPrintsCanonically(text: String, canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "1.2.3", "01.2.3.4", "256.1.1.1", "0x7f.0.0.1", "1.2.3.4.5", ":", ":::", "1::2::3", "12345::", "fe80::1%eth0", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "1.2.3.4::", "+1::", "1:2:3:4:5:6:7::8:9",
    ])
    func refusesEverythingElse(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func unmapsMappedAddresses() {
        #expect(IPAddress("::ffff:10.0.0.1")?.unmapped == IPAddress("10.0.0.1"))
        #expect(IPAddress("::10.0.0.1")?.unmapped == IPAddress("::10.0.0.1"))
    }

    @Test func prefixesContainWhatTheyShould() throws {
        let block = try #require(IPPrefix("10.1.0.0/16"))
        #expect(block.contains(try #require(IPAddress("10.1.255.255"))))
        #expect(!block.contains(try #require(IPAddress("10.2.0.0"))))
        #expect(!block.contains(try #require(IPAddress("::ffff:10.1.0.1"))))
        #expect(IPPrefix("10.1.0.1/16") == nil)
        #expect(IPPrefix("10.1.0.0/33") == nil)
        let wide = try #require(IPPrefix("fc00::/7"))
        #expect(wide.contains(try #require(IPAddress("fdff::1"))))
        #expect(!wide.contains(try #require(IPAddress("fe00::"))))
    }
}

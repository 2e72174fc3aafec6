@testable import LinuxKernel
import Testing

@Suite("Listing of the ruleset")
struct RulesetListingTests {
    @Test func takesTheGatewaysTables() {
        let list = "table inet filter\ntable inet portcullis\ntable bridge portcullis\ntable inet portcullis_seal\ntable ip nat\n"
        #expect(RulesetListing.tables(in: list) == ["inet portcullis", "bridge portcullis", "inet portcullis_seal"])
        #expect(RulesetListing.tables(in: "table inet portcullis_seal_CI.x-1\n") == ["inet portcullis_seal_CI.x-1"])
        #expect(RulesetListing.tables(in: "").isEmpty)
        #expect(RulesetListing.tables(in: "table inet x\r\ntable inet portcullis\n") == ["inet portcullis"])
    }

    /// The name becomes part of a command, and root of a guarded namespace chooses it.
    @Test(arguments: [
        "table inet portcullis;flush\truleset", "table inet portcullis;include\"/etc/shadow\"", "table inet portcullis;",
        "table inet portcullis x", "table inet Portcullis", "table inet\tx portcullis", "table inet portcullis\u{0}",
        "table inet portcullis$x", "list inet portcullis", "table inet xportcullis", "table portcullis",
    ])
    func aNameThatIsNotPlainIsNobodys(line: String) {
        #expect(RulesetListing.tables(in: line + "\n").isEmpty)
    }
}

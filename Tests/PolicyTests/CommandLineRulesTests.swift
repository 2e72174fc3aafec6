import Policy
import Testing
import WireFormats

@Suite("Rules on the command line")
struct CommandLineRulesTests {
    @Test func areAddedToAPolicyOrMakeOne() throws {
        let rules = CommandLineRules(
            allow: ["api.example.com", "*.example.org:8443", "10.1.2.3:5432", "[fd00::1]:22", "10.2.0.0/16:80"], observe: true)
        let policy = try PolicyModel.empty.adding(rules).compiled()
        #expect(!policy.isMissing)
        #expect(policy.mode == .observe)
        #expect(policy.flowVerdict(host: try HostName("api.example.com"), port: 443).origin?.description == "--allow api.example.com")
        #expect(policy.flowVerdict(host: try HostName("a.example.org"), port: 8443).isAllowed)
        #expect(!policy.flowVerdict(host: try HostName("a.example.org"), port: 443).isAllowed)
        #expect(policy.addressVerdict(try #require(IPAddress("10.1.2.3")), port: 5432).isAllowed)
        #expect(policy.addressVerdict(try #require(IPAddress("fd00::1")), port: 22).isAllowed)
        #expect(policy.addressVerdict(try #require(IPAddress("10.2.9.9")), port: 80).isAllowed)
    }

    @Test func nothingGivenChangesNothing() throws {
        #expect(try PolicyModel.empty.adding(CommandLineRules()).isMissing)
    }

    @Test(arguments: [
        ("*", "--allow *: `*` would open every host there is; a policy lists the hosts it opens\n  write: --allow HOST[:PORT]"),
        ("*.com", "--allow *.com: `*.com` is too broad: anybody can get a name below `com`\n  write: --allow HOST[:PORT]"),
        ("a.example:x", "--allow a.example:x: `x` is not a port\n  write: --allow HOST[:PORT]"),
        ("a.example:0", "--allow a.example:0: `0` is not a port\n  write: --allow HOST[:PORT]"),
        ("https://a.example", "--allow https://a.example: a URL; the flag takes a name and a port\n  write: --allow HOST[:PORT]"),
        ("10.1.2.3", "--allow 10.1.2.3: an address needs its port\n  write: --allow 10.1.2.3:443"),
        ("fd00::1", "--allow fd00::1: an address needs its port\n  write: --allow [fd00::1]:443"),
        ("0.0.0.0/0:80", "--allow 0.0.0.0/0:80: `0.0.0.0/0` is too broad\n  write: --allow ADDRESS:PORT"),
        ("a b", "--allow a b: `a b` is not a host name: the name holds the byte 0x20\n  write: --allow HOST[:PORT]"),
        ("", "--allow : the host is empty\n  write: --allow HOST[:PORT]"),
    ])
    func nameTheFlag(argument: String, printed: String) {
        do {
            _ = try PolicyModel.empty.adding(CommandLineRules(allow: [argument]))
            Issue.record("it was accepted")
        } catch {
            #expect(error.problems.map(\.description) == [printed])
        }
    }
}

@testable import LinuxKernel
import Testing

@Suite("Texts of processes")
struct ProcessTextTests {
    /// As a kernel wrote it.
    static let stat = """
        15276 (cat) R 15272 15272 14041 0 -1 4194304 98 0 0 0 0 0 0 0 20 0 3 0 2387604 3133440 372 18446744073709551615 \
        94505705512960 94505705532841 140726139144368 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 94505705548848 94505705550464 \
        94506359439360 140726139149007 140726139149027 140726139149027 140726139150315 0

        """

    @Test func readsStat() throws {
        let stat = try #require(ProcessText.stat(Array(Self.stat.utf8)))
        #expect(stat == .init(name: "cat", state: "R", parent: 15272, threads: 3, start: 2_387_604, isKernelThread: false))
    }

    /// prctl(2), PR_SET_NAME: a process may call itself anything.
    @Test(arguments: ["a b", ") Z 1 1 (", "))", "\n", "", "((", ") R 0 0 0 0 0 2097152 "])
    func aNameIsNotMistakenForFields(name: String) throws {
        let line = Self.stat.replacing("(cat)", with: "(\(name))")
        let stat = try #require(ProcessText.stat(Array(line.utf8)))
        #expect(stat.name == name)
        #expect(stat.parent == 15272 && stat.start == 2_387_604 && stat.state == "R" && !stat.isKernelThread)
    }

    @Test func kernelThreadsAreKnown() throws {
        let line = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 17 0 0 18446744073709551615 0 0 0"
        #expect(try #require(ProcessText.stat(Array(line.utf8))).isKernelThread)
    }

    /// A line that ends before the start time is none; one that ends later has all that is used.
    @Test func aLineThatIsCutShortIsNone() {
        let bytes = Array(Self.stat.utf8)
        let before = "15276 (cat) R 15272 15272 14041 0 -1 4194304 98 0 0 0 0 0 0 0 20 0 3 0 ".utf8.count
        for length in 0..<bytes.count {
            let stat = ProcessText.stat(Array(bytes[..<length]))
            #expect((stat == nil) == (length <= before), "\(length)")
        }
    }

    @Test(arguments: ["", "(", ")", ")(", "1 (a) ", "1 (a) RR 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
                      "1 (a) R x 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "1 (a) R 99999999999 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"])
    func whatIsNoStatIsNone(text: String) {
        #expect(ProcessText.stat(Array(text.utf8)) == nil)
    }

    @Test func readsUsers() throws {
        let status = "Name:\tcat\\nUid:\t0\t0\t0\t0\nUmask:\t0022\nState:\tR (running)\nUid:\t1000\t1001\t1002\t1003\nGid:\t5\t5\t5\t5\n"
        let users = try #require(ProcessText.users(Array(status.utf8)))
        #expect(users == (1000, 1001))
        #expect(ProcessText.users(Array("Name:\tx\nUid:\t1000\t10".utf8)) == nil)
        #expect(ProcessText.users(Array("Uid:\t1\t-1\t1\t1\n".utf8)) == nil)
        #expect(ProcessText.users([]) == nil)
    }

    @Test(arguments: [
        ("9:name=systemd:/\n4:memory:/x\n0::/agents/one\n", "agents/one"), ("0::/\n", ""), ("0::/a b:c\n", "a b:c"),
    ])
    func readsTheUnifiedGroup(text: String, group: String) {
        #expect(ProcessText.cgroup(Array(text.utf8)) == group)
    }

    @Test(arguments: ["", "4:memory:/x\n", "10::/x\n", "0:name=:/x\n"])
    func whereThereIsNoneItIsNone(text: String) {
        #expect(ProcessText.cgroup(Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        ("net:[4026531833]", "net", 4_026_531_833 as UInt64?), ("socket:[12]", "socket", 12), ("socket:[]", "socket", nil),
        ("socket:[1", "socket", nil), ("socket:[-1]", "socket", nil), ("socket:[+1]", "socket", nil),
        ("pipe:[12]", "socket", nil), ("/tmp/socket:[12]", "socket", nil), ("", "net", nil),
        ("net:[99999999999999999999]", "net", nil),
    ])
    func readsNumbersOfLinks(link: String, kind: String, number: UInt64?) {
        #expect(ProcessText.number(in: Array(link.utf8), kind: kind) == number)
    }

    @Test(arguments: [
        ("curl\0--token=ghp_secret\0url\0", "curl" as String?), ("", nil), ("curl\0", "curl"), ("curl", "curl"), ("\0x\0", nil),
        // A title that a program wrote over its words.
        ("node --token=ghp_secret", "node"), ("a\tghp_secret\0", "a"), ("a\nghp_secret\0", "a"), (" ghp_secret", nil),
    ])
    func noWordButTheProgramsIsKept(line: String, program: String?) {
        #expect(ProcessText.program(Array(line.utf8)) == program)
    }
}

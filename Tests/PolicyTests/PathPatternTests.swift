import Policy
import Testing
import WireFormats

@Suite("Path patterns")
struct PathPatternTests {
    @Test(arguments: [
        ("/a", "/a", true), ("/a", "/a/", false), ("/a", "/A", false), ("/*", "/", true), ("/*", "/a", true), ("/*", "/a/b", false),
        ("/a/*/c", "/a/b/c", true), ("/a/*/c", "/a/b/d/c", false), ("/a*c/d", "/abbc/d", true), ("/a*c/d", "/ab/c/d", false),
        ("/**", "/", true), ("/**", "/a/b/c", true), ("/a/**", "/a/", true), ("/a/**", "/a", false), ("/a/**", "/ab", false),
        ("/a/**/z", "/a/z", true), ("/a/**/z", "/a/b/c/z", true), ("/a/**/z", "/az", false), ("/a/**/z", "/a/bz", false),
        ("/a/**/**/z", "/a/z", true), ("/a**z", "/a/b/z", true), ("/a**z", "/az", true), ("/**/b/*", "/x/b/b/c", true),
        ("/*a*b*c*", "/xxaxxbxxcxx", true), ("/*a*b*c*", "/xxaxxcxxb", false), ("/***", "/a/b", true), ("/a%2Ab", "/a*b", true),
        ("/a%2Ab", "/axb", false), ("/%7Eme", "/~me", true), ("/a(b)", "/a(b)", true), ("/a/*.json", "/a/x.json", true),
    ])
    func cover(pattern: String, path: String, expected: Bool) throws {
        let policy = try PolicyText.compile("allow: [{ host: a.example, paths: [\"\(pattern)\"] }]")
        #expect(policy.requestVerdict(host: try HostName("a.example"), port: 443, method: "GET", path: path).isAllowed == expected)
    }

    /// Whatever allow covers, deny covers too, in every spelling.
    @Test(arguments: [
        ("/admin/**", "/admin/x"), ("/admin/**", "//admin/x"), ("/admin/**", "/admin//x"), ("/a/*/b", "/a//b"), ("/a;b", "/a%3Bb"),
        ("/a%3bb", "/a;b"), ("/x y", "/x%20y"), ("/a%25b", "/a%25b"),
    ])
    func denyInEverySpelling(pattern: String, path: String) throws {
        let written = pattern.replacing(" ", with: "%20")
        let policy = try PolicyText.compile("allow: [a.example]\ndeny: [{ host: a.example, paths: [\"\(written)\"] }]")
        #expect(policy.requestVerdict(host: try HostName("a.example"), port: 443, method: "GET", path: path).denial?.reason == .httpPathNotAllowed)
    }

    /// The pattern that takes a backtracking matcher exponential time, on a path of the greatest length.
    @Test(.timeLimit(.minutes(1))) func takeBoundedTime() throws {
        let pattern = "/" + String(repeating: "**a*", count: 100) + "b"
        let policy = try PolicyText.compile("allow: [{ host: a.example, paths: [\"\(pattern)\"] }]")
        let path = "/" + String(repeating: "a", count: 4000)
        #expect(!policy.requestVerdict(host: try HostName("a.example"), port: 443, method: "GET", path: path).isAllowed)
    }
}

import Policy
import Testing
import WireFormats

@Suite("Presets")
struct PresetTests {
    /// Exactly what each preset opens; a change here is a change of what agents can reach.
    @Test(arguments: [
        ("claude-code", ["api.anthropic.com", "claude.ai", "console.anthropic.com", "downloads.claude.ai GET,HEAD", "platform.claude.com", "statsig.anthropic.com"]),
        ("codex", ["api.openai.com", "auth.openai.com", "chatgpt.com"]),
        ("cursor", [
            "*.api5.cursor.sh", "*.gcpp.cursor.sh", "api2.cursor.sh", "api3.cursor.sh", "api4.cursor.sh", "api5.cursor.sh",
            "authenticate.cursor.sh", "authenticator.cursor.sh", "cursor-cdn.com GET,HEAD", "cursor.com",
            "downloads.cursor.com GET,HEAD", "marketplace.cursorapi.com", "repo42.cursor.sh", "www.cursor.com",
        ]),
        ("gemini", ["accounts.google.com", "cloudcode-pa.googleapis.com", "generativelanguage.googleapis.com", "oauth2.googleapis.com", "www.googleapis.com GET /oauth2/v2/userinfo"]),
        ("npm", ["registry.npmjs.org GET,HEAD", "registry.yarnpkg.com GET,HEAD"]),
        ("pypi", ["files.pythonhosted.org GET,HEAD", "pypi.org GET,HEAD"]),
        ("crates", ["crates.io GET,HEAD", "index.crates.io GET,HEAD", "static.crates.io GET,HEAD"]),
        ("go", ["proxy.golang.org GET,HEAD", "sum.golang.org GET,HEAD"]),
        ("debian", ["deb.debian.org GET,HEAD", "security.debian.org GET,HEAD"]),
        ("github-read-only", [
            "api.github.com GET,HEAD", "codeload.github.com GET,HEAD", "github.com GET,HEAD", "github.com POST /**/git-upload-pack",
            "objects.githubusercontent.com GET,HEAD", "raw.githubusercontent.com GET,HEAD", "release-assets.githubusercontent.com GET,HEAD",
        ]),
    ])
    func openExactlyTheseHosts(name: String, hosts: [String]) throws {
        let preset = try #require(Preset.named(name))
        let model = try PolicyLoader.load(preset.source) { _, _ in throw PolicyText.Missing.file("none") }
        let opened = model.hostRules.filter { $0.effect == .allow }.map { rule in
            ([rule.pattern.description, rule.methods?.names.joined(separator: ",")].compactMap { $0 } + rule.paths.map(\.text)).joined(separator: " ")
        }
        #expect(opened.sorted() == hosts)
        #expect(model.hostRules.allSatisfy { $0.ports == .web || $0.effect == .deny })
        #expect(model.addressRules.isEmpty)
        #expect(model.mode == .enforce)
        #expect(!preset.summary.isEmpty)
    }

    @Test func areAllTested() {
        #expect(Preset.all.map(\.name) == ["claude-code", "codex", "cursor", "gemini", "npm", "pypi", "crates", "go", "debian", "github-read-only"])
        #expect(Preset.named("nothing") == nil)
    }

    @Test(arguments: [
        ("GET", "/swiftlang/swift/info/refs", nil), ("POST", "/swiftlang/swift/git-upload-pack", nil), ("POST", "/swiftlang/swift.git/git-upload-pack", nil),
        ("POST", "/swiftlang/swift/git-receive-pack", .httpPathNotAllowed), ("GET", "/x/git-receive-pack", .httpPathNotAllowed),
        ("POST", "/x/y//git-receive-pack", .httpPathNotAllowed), ("POST", "/x/git%2Dreceive-pack", .httpPathNotAllowed),
        ("POST", "/session", .httpPathNotAllowed), ("PUT", "/x", .httpMethodNotAllowed),
    ] as [(String, String, Reason?)])
    func gitHubIsReadOnly(method: String, path: String, reason: Reason?) throws {
        let policy = try PolicyText.compile("extends: [github-read-only]\nallow: []\n")
        #expect(policy.requestVerdict(host: try HostName("github.com"), port: 443, method: method, path: path).denial?.reason == reason)
    }

    /// Whatever else a file allows, extending the preset keeps pushing closed.
    @Test func gitHubStaysReadOnlyBesideAnOpenRule() throws {
        let policy = try PolicyText.compile("extends: [github-read-only]\nallow: [github.com]\n")
        let host = try HostName("github.com")
        #expect(policy.requestVerdict(host: host, port: 443, method: "POST", path: "/x/y/git-receive-pack").denial?.isByDenyRule == true)
        #expect(policy.requestVerdict(host: host, port: 443, method: "POST", path: "/session").isAllowed)
    }
}

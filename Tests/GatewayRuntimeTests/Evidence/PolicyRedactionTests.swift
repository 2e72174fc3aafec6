@testable import GatewayRuntime
import Testing

@Suite("Policies without secrets")
struct PolicyRedactionTests {
    private static let secret = "hunter2"

    /// Every way to write a value behind a credential's key.
    @Test(arguments: [
        "token: hunter2", "  api_key: \"hunter2\"", "API-Key: hunter2", "- password: 'hunter2'", "{ host: a, token: hunter2 }",
        "{ token: hunter2, host: b, x: hunter2 }", "client_secret: |\n  hunter2\n\n  hunter2", "passwords:\n- hunter2\n- hunter2",
        "passwords:\n  - hunter2", "  - token: >-\n      hunter2\n      hunter2", "\"access key\": hunter2", "credentials:\n  - a:\n      b: hunter2",
        "Authorization: Bearer hunter2", "token: first\n  hunter2", "# token: hunter2", "token=hunter2", "secret:\thunter2",
        "token: [hunter2,\n  hunter2]", "cookie: hunter2\r", "privateKey: hunter2", "http_proxy: http://me:hunter2@proxy.corp:3128",
        "x: https://hunter2@host/", "x: [\"https://a:hunter2@h\", \"ftp://hunter2:b@h\"]",
    ])
    func aValueIsTakenOut(text: String) {
        let redacted = PolicyRedaction.redacted(text + "\nhost: example.com\n")
        #expect(!redacted.contains(Self.secret), "\(redacted)")
        #expect(redacted.contains(PolicyRedaction.mark) && redacted.hasSuffix("\nhost: example.com\n"))
    }

    @Test(arguments: ["ghp_abcdefghijklmnopqrst0123456789", "AKIAIOSFODNN7EXAMPLE", "xoxb-123456789012-abcdefghijkl"])
    func whatLooksLikeATokenIsTakenOut(token: String) {
        for text in ["- \(token)", "paths: [\"/hooks/\(token)/x\"]", "# \(token)", "host: a # \(token)"] {
            #expect(!PolicyRedaction.redacted(text).contains(token))
        }
    }

    /// A policy that holds no secrets is left as it is, byte for byte.
    @Test func theRestStays() {
        let policy = """
            version: 1
            extends: [claude-code, ./more.yaml]
            agents:
              - { name: claude, scope: { user: agent } }
            allow:
              - host: token.actions.githubusercontent.com
              - host: "*.github.com"      # one or more labels
                methods: [GET, HEAD]
                paths: ["/repos/my-org/**"]
              - { address: 10.1.2.3/32, ports: [5432] }
            dns: { resolver: system }

            """
        #expect(PolicyRedaction.redacted(policy) == policy)
    }

    /// What follows a credential and is not its value stays.
    @Test func siblingsStay() {
        let text = """
            list:
              - token: hunter2
                host: one
              - { secret: hunter2 }
              - host: two
            tokens:
              - hunter2
            mode: enforce
            """
        let expected = """
            list:
              - token: [redacted]
                host: one
              - { secret: [redacted]
              - host: two
            tokens: [redacted]
              # [redacted]
            mode: enforce
            """
        #expect(PolicyRedaction.redacted(text) == expected)
    }

    @Test func namesOfItsFilesStay() {
        let path = "/etc/portcullis/policy-25759348612959-of-today.yaml"
        let text = "  web.example.com  [\(path):8] \(path) /x/AKIAIOSFODNN7EXAMPLE"
        #expect(PolicyRedaction.redactedText(text, keeping: [path]) == "  web.example.com  [\(path):8] \(path) /x/[20 characters]")
        #expect(PolicyRedaction.redactedText(text) != PolicyRedaction.redactedText(text, keeping: [path]))
    }

    @Test(arguments: ["", "\n", ":", "=", "token:", "token:\n", "- ", "\u{0}", "://", "://@", "a://b@", "token: \u{fffd}é\n😀"])
    func anyTextIsRead(text: String) {
        _ = PolicyRedaction.redacted(text)
    }
}

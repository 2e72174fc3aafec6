import Policy
import Testing

@Suite("YAML that a policy must not use")
struct YAMLGuardTests {
    @Test(arguments: [
        ("allow:\n  - *.github.com", "policy.yaml:3:5:", "\"*.github.com\""),
        ("allow: [a.example, *b]", "policy.yaml:2:20:", "\"*b\""),
        ("a: &x [1]", "policy.yaml:2:4:", "anchors"),
        ("a: !!str 1", "policy.yaml:2:4:", "tags"),
        ("comment: |\n  text", "policy.yaml:2:10:", "text blocks"),
        ("comment: >-\n  text", "policy.yaml:2:10:", "text blocks"),
        ("? [a]\n: b", "policy.yaml:2:1:", "keys marked"),
        ("a: [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]", "policy.yaml:2:19:", "nested too deep"),
        ("- - - - - - - - - - - - - - - - - - a", "policy.yaml:2:31:", "nested too deep"),
        ("comment: don''t\na: *x", "policy.yaml:3:4:", "alias"),
        ("comment: 'don''t'\na: *x", "policy.yaml:3:4:", "alias"),
        ("comment: \"a\\\"\"\na: *x", "policy.yaml:3:4:", "alias"),
        ("a: {b':\"c, d: *x}", "policy.yaml:2:15:", "alias"),
        ("a: {'b':*x}", "policy.yaml:2:9:", "alias"),
        ("# a\u{85}a: *x", "policy.yaml:2:4:", "line separator"),
        ("# a\u{2028}a: *x", "policy.yaml:2:4:", "line separator"),
        ("# a\ra: *x", "policy.yaml:2:4:", "carriage return"),
    ])
    func isRefusedWithItsPlace(text: String, place: String, part: String) {
        let problems = PolicyText.problems("version: 1\n" + text)
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix(place) == true, "\(problems)")
        #expect(problems.first?.contains(part) == true, "\(problems)")
    }

    @Test(arguments: [
        ("version: 1\n---\nversion: 1\n", "policy.yaml:2:1:", "one document"),
        ("version: 1\nversion: 1\n", "policy.yaml:", "`version` is given more than once"),
        ("version: 1\nallow:\n  - { host: a.example, host: b.example }\n", "policy.yaml:3:", "`host` is given more than once"),
        ("version: 1\nallow: [\n", "policy.yaml:", "this is not YAML"),
        ("version: 1\nallow: \"\n", "policy.yaml:", "this is not YAML"),
        ("version: 1\n\tallow: []\n", "policy.yaml:2:", "this is not YAML"),
        ("version: 1\nmode: enf\u{0}orce\n", "policy.yaml:2:10:", "a byte that YAML does not allow"),
    ])
    func theParserSaysWhereItStops(text: String, place: String, part: String) {
        let problems = PolicyText.problems(text)
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix(place) == true, "\(problems)")
        #expect(problems.first?.contains(part) == true, "\(problems)")
    }

    /// The classic bomb, also where it would go off in a key.
    @Test func refusesExpansionBombs() {
        var text = "version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for index in 1..<20 {
            text += "a\(index): &a\(index) [" + Array(repeating: "*a\(index - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        text += "? *a19\n: 1\n"
        #expect(PolicyText.problems(text).first?.contains("anchors") == true)
    }

    @Test func refusesDeepBlocksWithoutExhaustingTheStack() {
        var text = "version: 1\n"
        for depth in 0..<990 { text += String(repeating: " ", count: depth) + "a:\n" }
        #expect(PolicyText.problems(text).first?.contains("nested too deep") == true)
    }

    @Test func refusesFilesBeyondTheLimit() {
        let text = "version: 1\n" + String(repeating: "#", count: PolicyLimits.policyFileBytes)
        #expect(PolicyText.problems(text).first?.contains("the limit is") == true)
    }

    /// Stars, ampersands and exclamation marks inside quotes, comments and words are fine.
    @Test(arguments: [
        "allow: ['*.github.com', \"*.gitlab.com\"] # *x &y",
        "allow: [{ host: a.example, comment: \"it's & that * ! | >\" }]",
        "allow: [{ host: a.example, comment: it's a * b & c }]",
        "allow: [{ \"host\":a.example }]",
        "allow:\n- host: a.example\n  comment: 'it''s *x'\r\n",
    ])
    func letsTheRestThrough(text: String) {
        #expect(PolicyText.problems("version: 1\n" + text) == [])
    }
}

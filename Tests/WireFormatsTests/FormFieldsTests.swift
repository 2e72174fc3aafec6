import Testing
import WireFormats

@Suite("Fields of forms and queries")
struct FormFieldsTests {
    private func form(_ text: String) -> FormFields? { FormFields(Array(text.utf8)[...]) }

    @Test(arguments: [
        ("", [:]),
        ("agent=claude", ["agent": "claude"]),
        ("agent=claude&all=true", ["agent": "claude", "all": "true"]),
        ("reason=it+asked%20for%26%3D+100%25", ["reason": "it asked for&= 100%"]),
        ("%61gent=x", ["agent": "x"]),
        ("reason=%C3%A9%e2%82%ac", ["reason": "é€"]),
        ("reason=a=b=c", ["reason": "a=b=c"]),
        ("reason=", ["reason": ""]),
        ("reason", ["reason": ""]),
        ("&&agent=x&", ["agent": "x"]),
        ("=x", ["": "x"]),
        ("a%00b=%00", ["a\0b": "\0"]),
    ] as [(String, [String: String])])
    func reads(text: String, expected: [String: String]) throws {
        let fields = try #require(form(text))
        #expect(fields.names == Set(expected.keys))
        for (name, value) in expected { #expect(fields[name] == value) }
        #expect(fields["nosuch"] == nil)
    }

    /// A broken escape, half a character, and a name that stands there twice, however it is written.
    @Test(arguments: [
        "a=%", "a=%4", "a=%4g", "a=%g4", "a=%%41", "%=x", "a=%+1", "a=x%2", "a=%c3", "a=%ff", "a=%C3%28", "a=%ed%a0%80",
        "a=1&a=1", "a=1&%61=2", "a&a", "a=1&b=%zz",
    ])
    func refuses(text: String) {
        #expect(form(text) == nil)
    }

    @Test func bytesThatAreNoTextAreRefused() {
        #expect(FormFields([UInt8(ascii: "a"), UInt8(ascii: "="), 0xff]) == nil)
        #expect(FormFields([0xc3, UInt8(ascii: "="), UInt8(ascii: "x")]) == nil)
    }

    @Test(arguments: ["claude", "", "a b&c=d+e%f", "é€\0\n", "a-b.c_d~e/f?g#h"])
    func whatIsEscapedIsReadAgain(value: String) throws {
        let escaped = FormFields.escaped(value)
        #expect(escaped.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"&=+#?/ ".utf8.contains($0) })
        #expect(try #require(form("x=\(escaped)&y=z"))["x"] == value)
    }

    @Test func whatNeedsNoEscapeHasNone() {
        #expect(FormFields.escaped("aZ09-._~") == "aZ09-._~")
        #expect(FormFields.escaped(" +\n") == "%20%2B%0A")
    }
}

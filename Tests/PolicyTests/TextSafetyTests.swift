import Policy
import Testing
import WireFormats

@Suite("Text safety")
struct TextSafetyTests {
    @Test(arguments: [
        ("a\u{0}b\u{1B}[0m", "ab[0m"), ("\u{202E}evil", "evil"), ("line\r\nbreak", "linebreak"), ("é", "é"),
    ])
    func dropsWhatATerminalActsOn(text: String, printed: String) {
        #expect(TextSafety.printable(text, limitBytes: 100) == printed)
        #expect(Denial(reason: .httpMalformed, subject: text).subject == printed)
    }

    @Test func cutsAtACharacter() {
        #expect(TextSafety.printable("aé", limitBytes: 2) == "a…")
    }
}

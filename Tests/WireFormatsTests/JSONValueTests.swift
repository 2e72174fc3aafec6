import Testing
import WireFormats

@Suite("JSON values")
struct JSONValueTests {
    private static func value(_ text: String) -> JSONValue? { JSONValue(Array(text.utf8).span) }

    @Test(arguments: [
        ("null", .null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .number("0")), ("-12.5e+3", .number("-12.5e+3")),
        ("\"\"", .string("")), ("[]", .array([])), ("{}", .object([:])), ("[1, [2]]", .array([.number("1"), .array([.number("2")])])),
        ("{\"a\":{\"b\":null},\"c\":\"d\"}", .object(["a": .object(["b": .null]), "c": .string("d")])),
        ("{\"a\":1,\"a\":2}", .object(["a": .number("2")])),
        ("\"\\u0041\\n\\\"\\/\\\\\\b\\f\\r\\t\"", .string("A\n\"/\\\u{8}\u{c}\r\t")), ("\"\\ud83d\\ude00é\"", .string("😀é")),
        ("\"\\ud83dx\"", .string("\u{fffd}x")), ("\"\\ude00\"", .string("\u{fffd}")), ("\"\\ud83d\\u0041\"", .string("\u{fffd}A")),
    ] as [(String, JSONValue)])
    func reads(text: String, expected: JSONValue) {
        #expect(Self.value(text) == expected)
    }

    @Test(arguments: [
        "", " ", "nul", "truex", "01", "-", "1.", ".5", "+1", "1e", "--1", "\"", "\"\\x\"", "\"\\u12\"", "\"\u{1}\"", "[", "[1", "[1,",
        "[1,]", "[,1]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "1 2", "[]]", "NaN", "Infinity", "0x1",
    ])
    func whatIsNoneIsNone(text: String) {
        #expect(Self.value(text) == nil)
    }

    @Test func bytesThatAreNoUTF8AreNone() {
        #expect(JSONValue([0x22, 0xff, 0x22].span) == nil)
        #expect(JSONValue([0x22, 0xc0, 0x80, 0x22].span) == nil)
    }

    @Test func itDoesNotGoDeeperThanItsLimit() {
        let depth = JSONValue.depthLimit
        #expect(Self.value(String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)) != nil)
        #expect(Self.value(String(repeating: "[", count: depth + 1) + "1" + String(repeating: "]", count: depth + 1)) == nil)
        #expect(Self.value(String(repeating: "[", count: 100_000)) == nil)
        #expect(Self.value(String(repeating: "{\"a\":", count: 100_000)) == nil)
    }

    /// What the writer writes, the reader reads; and no beginning of it is a text of its own.
    @Test func readsWhatIsWritten() throws {
        var json = JSONText()
        json.beginObject()
        json.member("name", "a\"\\\n\u{202e}é😀")
        json.member("number", UInt64.max)
        json.member("yes", true)
        json.member("none", nil as String?)
        json.key("list")
        json.beginArray()
        json.number(-5)
        json.string("x")
        json.endArray()
        json.endObject()
        let read = JSONValue(json.bytes.span)
        let value = try #require(read)
        #expect(value["name"]?.text == "a\"\\\n\u{202e}é😀" && value["yes"]?.isTrue == true && value["none"] == .null)
        #expect(value["number"]?.integer(UInt64.self) == .max && value["number"]?.integer(Int64.self) == nil)
        #expect(value["list"]?.elements.first?.integer(Int.self) == -5 && value["list"]?.elements.count == 2)
        #expect(value["other"] == nil && value["name"]?["x"] == nil && value["name"]?.elements.isEmpty == true)
        for length in 0..<json.bytes.count { #expect(JSONValue(Array(json.bytes[..<length]).span) == nil) }
    }
}

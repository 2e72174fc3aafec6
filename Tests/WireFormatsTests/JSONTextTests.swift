import Foundation
import Testing
import WireFormats

@Suite("JSON text")
struct JSONTextTests {
    @Test func nestsAndSeparates() {
        var json = JSONText()
        json.beginObject()
        json.member("a", 1)
        json.key("b")
        json.beginArray()
        json.string("x")
        json.null()
        json.bool(true)
        json.number(-5)
        json.beginObject()
        json.endObject()
        json.beginArray()
        json.endArray()
        json.endArray()
        json.member("c", false)
        json.member("d", nil as String?)
        json.endObject()
        #expect(json.text == #"{"a":1,"b":["x",null,true,-5,{},[]],"c":false,"d":null}"#)
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#), ("\u{0}\u{1B}\u{7F}", #""\u0000\u001b\u007f""#),
        ("\u{85}\u{9B}", #""\u0085\u009b""#), ("\u{202E}\u{2028}\u{2066}", #""\u202e\u2028\u2066""#), ("é€😀", #""é€😀""#),
    ])
    func escapesWhatTerminalsActOn(text: String, written: String) throws {
        var json = JSONText()
        json.string(text)
        #expect(json.text == written)
        #expect(try JSONDecoder().decode(String.self, from: Data(json.bytes)) == text)
    }

    @Test func boundsStrings() {
        var json = JSONText(stringLimitBytes: 4)
        json.string("aé€x")
        #expect(json.text == "\"aé…\"")
    }
}

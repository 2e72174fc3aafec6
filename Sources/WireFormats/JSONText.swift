/// Writes JSON for logs and answers: one line, every byte of hostile input escaped or replaced, strings bounded.
///
/// Keys keep the order in which they are written. Commas and nesting are kept right by the writer; that every object is
/// closed and every key followed by one value is up to the caller.
package struct JSONText {
    /// Longer strings are cut at a character and marked with `…`.
    package let stringLimitBytes: Int
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(stringLimitBytes: Int = 4096) { self.stringLimitBytes = stringLimitBytes }

    /// The text so far; ASCII except for printable characters of the input.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Starts anew in the same memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    /// Ends a line of JSON, for files that hold one value a line.
    package mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    package mutating func key(_ name: String) {
        separate()
        appendQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String) {
        separate()
        appendQuoted(value)
    }

    package mutating func number(_ value: some FixedWidthInteger) {
        separate()
        // Digits of a positive number that fits are written in place; a string each would cost more than the rest.
        guard var rest = UInt64(exactly: value) else {
            bytes.append(contentsOf: String(value).utf8)
            return
        }
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    package mutating func member(_ name: String, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    package mutating func member(_ name: String, _ value: some FixedWidthInteger) {
        key(name)
        number(value)
    }

    package mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// - Parameter bytes: text that needs no escape, such as digits.
    package mutating func member(_ name: String, bytes text: Span<UInt8>) {
        key(name)
        separate()
        bytes.append(UInt8(ascii: "\""))
        if !appendPlain(text) { preconditionFailure("this text needs escapes") }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func appendQuoted(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        if appendPlain(value.utf8.span) {
            bytes.append(UInt8(ascii: "\""))
            return
        }
        var count = 0
        for scalar in value.unicodeScalars {
            count += UTF8.width(scalar)
            guard count <= stringLimitBytes else {
                bytes.append(contentsOf: "…".utf8)
                break
            }
            switch scalar.value {
            case 0x22, 0x5c:
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(UInt8(scalar.value))
            case 0x0a: bytes.append(contentsOf: "\\n".utf8)
            case 0x0d: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            // Control bytes, line separators and direction overrides would act on the terminal that shows the log.
            case 0..<0x20, 0x7f..<0xa0, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff: appendEscape(UInt16(scalar.value))
            case 0x20..<0x7f: bytes.append(UInt8(scalar.value))
            default: bytes.append(contentsOf: String(scalar).utf8)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends text that is printable ASCII throughout and within the limit, as nearly all is.
    ///
    /// - Returns: false when it is not; nothing is appended then.
    private mutating func appendPlain(_ text: Span<UInt8>) -> Bool {
        guard text.count <= stringLimitBytes else { return false }
        for index in text.indices {
            let byte = text[index]
            guard byte >= 0x20, byte < 0x7f, byte != 0x22, byte != 0x5c else { return false }
        }
        bytes.append(copying: text)
        return true
    }

    private mutating func appendEscape(_ unit: UInt16) {
        bytes.append(contentsOf: "\\u".utf8)
        for shift in [12, 8, 4, 0] {
            let digit = UInt8(unit >> UInt16(shift) & 15)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

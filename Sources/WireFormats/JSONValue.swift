/// A JSON text (RFC 8259) as values: for small texts of our own, read whole.
package indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// As it is written: a number may have more digits than a type has.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// Of members with one name the last counts (section 4 leaves it open).
    case object([String: JSONValue])

    /// How deep arrays and objects may nest; deeper texts are none.
    package static let depthLimit = 32

    /// - Returns: `nil` for what is no JSON text, nests too deep or is not UTF-8.
    package init?(_ bytes: Span<UInt8>) {
        var reader = JSONReader(offset: 0)
        guard let value = reader.text(bytes) else { return nil }
        self = value
    }

    package subscript(_ name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var isTrue: Bool { self == .bool(true) }

    /// Empty for what is no array.
    package var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// `nil` for what is no whole number, or has no room in the type.
    package func integer<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number? {
        if case .number(let text) = self { Number(text) } else { nil }
    }
}

/// Reads one JSON text from front to back; every method returns `nil` for what is none.
private struct JSONReader {
    var offset: Int

    mutating func text(_ bytes: Span<UInt8>) -> JSONValue? {
        guard let value = value(bytes, depth: 0) else { return nil }
        skipSpace(bytes)
        return offset == bytes.count ? value : nil
    }

    private mutating func value(_ bytes: Span<UInt8>, depth: Int) -> JSONValue? {
        guard depth <= JSONValue.depthLimit else { return nil }
        skipSpace(bytes)
        guard offset < bytes.count else { return nil }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return object(bytes, depth)
        case UInt8(ascii: "["): return array(bytes, depth)
        case UInt8(ascii: "\""): return string(bytes).map { .string($0) }
        case UInt8(ascii: "t"): return word("true", bytes) ? .bool(true) : nil
        case UInt8(ascii: "f"): return word("false", bytes) ? .bool(false) : nil
        case UInt8(ascii: "n"): return word("null", bytes) ? .null : nil
        default: return number(bytes)
        }
    }

    private mutating func object(_ bytes: Span<UInt8>, _ depth: Int) -> JSONValue? {
        offset += 1
        var members: [String: JSONValue] = [:]
        if take("}", bytes) { return .object(members) }
        repeat {
            skipSpace(bytes)
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\""), let name = string(bytes), take(":", bytes),
                let value = value(bytes, depth: depth + 1)
            else { return nil }
            members[name] = value
        } while take(",", bytes)
        return take("}", bytes) ? .object(members) : nil
    }

    private mutating func array(_ bytes: Span<UInt8>, _ depth: Int) -> JSONValue? {
        offset += 1
        var elements: [JSONValue] = []
        if take("]", bytes) { return .array(elements) }
        repeat {
            guard let value = value(bytes, depth: depth + 1) else { return nil }
            elements.append(value)
        } while take(",", bytes)
        return take("]", bytes) ? .array(elements) : nil
    }

    private mutating func string(_ bytes: Span<UInt8>) -> String? {
        offset += 1
        var units: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: units, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape(bytes) else { return nil }
                units += String(scalar).utf8
            case 0..<0x20: return nil
            default: units.append(byte)
            }
        }
        return nil
    }

    /// What follows a backslash; half of a surrogate pair by itself is U+FFFD.
    private mutating func escape(_ bytes: Span<UInt8>) -> Unicode.Scalar? {
        guard offset < bytes.count else { return nil }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: return nil
        }
        guard let unit = hexadecimal(bytes) else { return nil }
        guard (0xd800..<0xdc00).contains(unit) else { return Unicode.Scalar(unit) ?? "\u{fffd}" }
        let start = offset
        guard take("\\", bytes), take("u", bytes), let low = hexadecimal(bytes), (0xdc00..<0xe000).contains(low) else {
            offset = start
            return "\u{fffd}"
        }
        return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
    }

    private mutating func hexadecimal(_ bytes: Span<UInt8>) -> UInt32? {
        guard offset + 4 <= bytes.count else { return nil }
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else { return nil }
            number = number << 4 | UInt32(digit)
            offset += 1
        }
        return number
    }

    private mutating func number(_ bytes: Span<UInt8>) -> JSONValue? {
        let start = offset
        var text: [UInt8] = []
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                text.append(bytes[offset])
                offset += 1
                continue
            default: break
            }
            break
        }
        let written = String(decoding: text, as: UTF8.self)
        let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
        // The grammar but for what Double accepts besides: no leading zero, no sign or point without digits.
        guard offset > start, let first = digits.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            Double(written) != nil, written.last != ".",
            first != UInt8(ascii: "0") || digits.count == 1 || !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digits[digits.startIndex + 1])
        else { return nil }
        return .number(written)
    }

    private mutating func word(_ word: StaticString, _ bytes: Span<UInt8>) -> Bool {
        for byte in "\(word)".utf8 {
            guard offset < bytes.count, bytes[offset] == byte else { return false }
            offset += 1
        }
        return true
    }

    /// Takes one byte, with the space before it.
    private mutating func take(_ character: Character, _ bytes: Span<UInt8>) -> Bool {
        skipSpace(bytes)
        guard offset < bytes.count, Character(Unicode.Scalar(bytes[offset])) == character else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while offset < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[offset]) { offset += 1 }
    }
}

/// Makes text that came from traffic or from a broken file fit to be printed: bounded, one line, no control bytes.
package enum TextSafety {
    /// Control and bidirectional-override characters are dropped, the rest is cut at `limitBytes` of UTF-8 and marked.
    package static func printable(_ text: String, limitBytes: Int) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            guard !isUnsafe(scalar) else { continue }
            guard result.utf8.count + UTF8.width(scalar) <= limitBytes else { return result + "…" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    /// Bytes of a request target: what is not printable ASCII appears as `%XX`.
    package static func printable(_ bytes: Span<UInt8>, limitBytes: Int) -> String {
        var result: [UInt8] = []
        for index in 0..<bytes.count {
            guard result.count < limitBytes else { return String(decoding: result, as: UTF8.self) + "…" }
            let byte = bytes[index]
            if (0x21...0x7e).contains(byte) { result.append(byte) } else { appendEscape(of: byte, to: &result) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Appends `%XX` with upper-case digits (RFC 3986 section 6.2.2.1).
    static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "%"))
        for digit in [byte >> 4, byte & 15] {
            output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
        }
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff: true
        default: false
        }
    }
}

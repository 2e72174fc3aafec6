/// Takes what looks like a secret out of a path before it is logged: some services carry tokens there.
///
/// A run of letters, digits, `-` and `_` counts when it has at least ``Limits/redactedRunBytes`` bytes and either three
/// digits, or a capital and a digit: keys and tokens do, words and version numbers do not. Too much rather than too little:
/// a content hash is taken out, too.
package enum PathRedaction {
    /// - Parameter subject: of a decision; what stands before its first `/` stays as it is.
    /// - Returns: `nil` when nothing had to be taken out, which costs no allocation.
    package static func redacted(_ subject: String) -> String? {
        var subject = subject
        return subject.withUTF8 { buffer in
            // SAFETY: the buffer is read through its span, inside the closure.
            unsafe redacted(buffer.span)
        }
    }

    private static func redacted(_ bytes: Span<UInt8>) -> String? {
        var output: [UInt8] = []
        var copied = 0
        var index = 0
        while index < bytes.count, bytes[index] != UInt8(ascii: "/") { index += 1 }
        while index < bytes.count {
            let start = index
            var digits = 0
            var hasUpper = false
            scan: while index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): hasUpper = true
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"): break
                default: break scan
                }
                index += 1
            }
            let length = index - start
            if length >= Limits.redactedRunBytes, digits >= 3 || (digits > 0 && hasUpper) {
                for position in copied..<start { output.append(bytes[position]) }
                output += "[\(length) characters]".utf8
                copied = index
            }
            index = max(index, start + 1)
        }
        guard copied > 0 else { return nil }
        for position in copied..<bytes.count { output.append(bytes[position]) }
        return String(decoding: output, as: UTF8.self)
    }
}

/// Writes text as a YAML scalar that reads back as exactly that string, in block and in flow context.
enum YAMLText {
    static func scalar(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let isPlain =
            bytes.first.map(isWordByte) == true
            && bytes.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "/") }
            && !readsAsOtherType(text)
        guard !isPlain else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// True for plain text that YAML 1.1 or 1.2 readers take for a number, a truth value or nothing.
    static func readsAsOtherType(_ text: String) -> Bool {
        switch text.lowercased() {
        case "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", "-.inf", "+.inf", ".nan":
            return true
        default:
            break
        }
        return readsAsNumber(text)
    }

    /// Numbers in the spellings of YAML 1.1: `1`, `-1.5e3`, `0x1f`, `0o7`, `1_000`, `1:30`.
    static func readsAsNumber(_ text: String) -> Bool {
        var digits = text.utf8[...]
        if digits.first == UInt8(ascii: "-") || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        let allowed: (UInt8) -> Bool
        if digits.starts(with: "0x".utf8) {
            digits = digits.dropFirst(2)
            allowed = { isHexDigit($0) || $0 == UInt8(ascii: "_") }
        } else if digits.starts(with: "0o".utf8) || digits.starts(with: "0b".utf8) {
            digits = digits.dropFirst(2)
            allowed = { isDigit($0) || $0 == UInt8(ascii: "_") }
        } else {
            var dots = 0
            let isNumberByte: (UInt8) -> Bool = {
                isDigit($0) || [UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "e"), UInt8(ascii: "E")].contains($0)
            }
            for byte in digits where byte == UInt8(ascii: ".") { dots += 1 }
            guard dots <= 1, digits.first.map({ isDigit($0) || $0 == UInt8(ascii: ".") }) == true else { return false }
            allowed = isNumberByte
        }
        return !digits.isEmpty && digits.allSatisfy(allowed)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}

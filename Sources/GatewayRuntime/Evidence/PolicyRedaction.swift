internal import GatewayCore

/// Takes what looks like a secret out of a policy's text: values of keys that are called like credentials, names and
/// passwords in URLs, and runs of letters and digits as keys and tokens have them. Too much rather than too little; the
/// digest of the file itself is in the manifest.
enum PolicyRedaction {
    static let mark = "[redacted]"

    /// What a credential's key has in its name, in small letters and without `-` and `_`.
    private static let words = [
        "token", "secret", "password", "passwd", "passphrase", "credential", "apikey", "accesskey", "privatekey", "authorization",
        "cookie", "signature",
    ]

    static func redacted(_ text: String) -> String {
        var output: [String] = []
        // A key whose value goes on in deeper lines, as blocks and lists do.
        var open: OpenValue?
        // By bytes: a line feed behind a carriage return is no character of its own.
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Substring.init) {
            let indent = line.prefix { $0 == " " }.count
            let isBlank = line.allSatisfy { $0 == " " || $0 == "\t" || $0 == "\r" }
            if let value = open {
                if isBlank { continue }
                // Items of a list may stand as deep as their key.
                if indent > value.indent || (value.isBelow && indent == value.indent && line.dropFirst(indent).hasPrefix("-")) {
                    output.append(String(repeating: " ", count: indent) + "# \(mark)")
                    continue
                }
                open = nil
            }
            let shown: String
            (shown, open) = withoutValue(line)
            output.append(redactedText(shown))
        }
        return output.joined(separator: "\n")
    }

    /// Text that has no keys: URLs and what looks like a token.
    ///
    /// - Parameter kept: stays as it is, wherever it stands: the names of the policy's own files.
    static func redactedText(_ text: String, keeping kept: [String] = []) -> String {
        var rest = text[...]
        var output = ""
        while let next = kept.compactMap({ rest.firstRange(of: $0) }).min(by: { $0.lowerBound < $1.lowerBound }) {
            output += withoutTokens(withoutURLUsers(String(rest[..<next.lowerBound]))) + rest[next]
            rest = rest[next.upperBound...]
        }
        return output + withoutTokens(withoutURLUsers(String(rest)))
    }

    /// A credential's value that may go on.
    private struct OpenValue {
        /// Of its key, in blanks.
        var indent: Int
        /// True where nothing of it stands behind the key.
        var isBelow: Bool
    }

    /// Takes away everything behind the first credential's key of a line, whatever else is there.
    private static func withoutValue(_ line: Substring) -> (text: String, open: OpenValue?) {
        var word: [UInt8] = []
        var index = line.utf8.startIndex
        while index < line.utf8.endIndex {
            let byte = line.utf8[index]
            index = line.utf8.index(after: index)
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): word.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: " "),
                UInt8(ascii: "\t"): break
            case UInt8(ascii: ":"), UInt8(ascii: "="):
                let name = String(decoding: word, as: UTF8.self)
                guard words.contains(where: { name.contains($0) }) else {
                    word = []
                    continue
                }
                // In `- token: …` the key stands behind the dash.
                let indent = line.prefix { $0 == " " || $0 == "-" }.count
                let isBelow = line[index...].allSatisfy { $0 == " " || $0 == "\t" || $0 == "\r" }
                return (String(line[..<index]) + " \(mark)", OpenValue(indent: indent, isBelow: isBelow))
            default: word = []
            }
        }
        return (String(line), nil)
    }

    /// `http://user:password@host` loses what stands before the `@`.
    private static func withoutURLUsers(_ line: String) -> String {
        var rest = line[...]
        var output = ""
        while let scheme = rest.firstRange(of: "://") {
            output += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            let authority = rest.prefix { !"/?#\"' \t,]}".contains($0) }
            if let at = authority.lastIndex(of: "@") {
                output += mark
                rest = rest[at...]
            }
        }
        return output + rest
    }

    /// Runs that are long and mixed as tokens are, wherever they stand.
    private static func withoutTokens(_ line: String) -> String {
        // The rule of the decision log, which looks only behind the first slash.
        guard let redacted = PathRedaction.redacted("/" + line) else { return line }
        return String(redacted.dropFirst())
    }
}

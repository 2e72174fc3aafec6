// NFKC is in Foundation only; nothing else of it is used in this target.
import Foundation

/// Names as people write them to names as the wire carries them.
enum InternationalName {
    /// Lower-cases, applies NFKC and turns every non-ASCII label into its `xn--` form (RFC 5891 section 4).
    ///
    /// - Returns: ASCII text that still has to pass `HostName`, or `nil` for characters no registry permits: only
    ///   letters, marks, digits and the hyphen are (RFC 5892), and a label does not start with a mark.
    static func ascii(_ text: String) -> String? {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
        let normal = text.precomposedStringWithCompatibilityMapping.lowercased().precomposedStringWithCompatibilityMapping
        var labels: [String] = []
        // The full stops that input methods produce (RFC 5895 section 2); the full-width one is mapped by NFKC.
        for label in normal.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "." || $0 == "\u{3002}" }) {
            let scalars = Array(label)
            if scalars.allSatisfy(\.isASCII) {
                labels.append(String(String.UnicodeScalarView(scalars)))
                continue
            }
            guard scalars.allSatisfy({ $0 == "-" || isPermitted($0) }), let first = scalars.first, !isMark(first),
                let encoded = Punycode.encode(scalars)
            else { return nil }
            labels.append("xn--" + encoded)
        }
        return labels.joined(separator: ".")
    }

    private static func isPermitted(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .decimalNumber: true
        default: isMark(scalar)
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }
}

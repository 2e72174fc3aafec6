/// Why bytes are not the DER (X.690) that a certificate is made of.
package enum DERError: Error, Hashable, Sendable {
    case truncated
    case trailingBytes
    case indefiniteLength
    case lengthNotMinimal
    case lengthTooLarge
    case tagTooLarge
    case unexpectedTag(expected: UInt8, found: UInt8)
    /// A value whose bytes do not mean what its type requires; the text names the type.
    case invalid(StaticText)
}

extension DERError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated: "an element ends early"
        case .trailingBytes: "bytes follow the last element"
        case .indefiniteLength: "a length is indefinite"
        case .lengthNotMinimal: "a length is not written in its shortest form"
        case .lengthTooLarge: "a length needs more than four bytes"
        case .tagTooLarge: "a tag number is above 30"
        case .unexpectedTag(let expected, let found):
            "tag 0x\(String(found, radix: 16)) where 0x\(String(expected, radix: 16)) belongs"
        case .invalid(let type): "an invalid \(type)"
        }
    }
}

/// Why bytes are not a host name.
package enum HostNameError: Error, Hashable, Sendable {
    case empty
    case tooLong
    case emptyLabel
    case labelTooLong
    case hyphenAtEdge
    case looksLikeAddress
    case forbiddenByte(UInt8)
}

extension HostNameError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "the name is empty"
        case .tooLong: "the name is longer than 253 bytes"
        case .emptyLabel: "the name has an empty label"
        case .labelTooLong: "a label is longer than 63 bytes"
        case .hyphenAtEdge: "a label starts or ends with a hyphen"
        case .looksLikeAddress: "the name ends in a number, as an address does"
        case .forbiddenByte(let byte): "the name holds the byte 0x\(String(byte, radix: 16))"
        }
    }
}

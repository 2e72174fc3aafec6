package import WireFormats

/// What an intercepted connection speaks, told from its first bytes; server-first protocols never say any.
package enum FirstBytes: Hashable, Sendable {
    case needMore
    case tls(ClientHello)
    case http
    case malformedHello(ClientHelloError)
    case unknown

    /// - Parameter bytes: everything the agent has sent so far.
    package static func identify(_ bytes: Span<UInt8>) -> FirstBytes {
        guard let first = bytes.byte(at: 0) else { return .needMore }
        if first == 22 {
            return switch ClientHello.parse(bytes) {
            case .needMore: .needMore
            case .hello(let hello): .tls(hello)
            case .malformed(let error): .malformedHello(error)
            }
        }
        // A request line starts with a method, a token of upper-case letters in every registered case
        // (RFC 9110 section 16.1.1; BASELINE-CONTROL and VERSION-CONTROL have a hyphen). What starts so is held to the
        // whole grammar by the HTTP machine; a leading CRLF is answered by it too, with 400.
        for index in 0..<min(bytes.count, 24) {
            switch bytes[index] {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"): continue
            case UInt8(ascii: " ") where index > 2: return .http
            case UInt8(ascii: "\t") where index > 2: return .http
            case UInt8(ascii: "\r") where index == 0, UInt8(ascii: "\n") where index == 0: return .http
            default: return .unknown
            }
        }
        return bytes.count >= 24 ? .unknown : .needMore
    }
}

/// Why first bytes are not an acceptable ClientHello. The peer is to blame for each.
package enum ClientHelloError: Error, Hashable, Sendable {
    case notHandshake
    case badVersion
    case badRecordLength
    case notClientHello
    case tooLong
    case trailingBytes
    case truncated
    case repeatedExtension
    case badServerName
    case badProtocols
}

extension ClientHelloError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notHandshake: "the record is not a handshake record"
        case .badVersion: "the record is not of TLS"
        case .badRecordLength: "a record is empty or over 16 KiB"
        case .notClientHello: "the first message is not a ClientHello"
        case .tooLong: "the ClientHello is over \(Limits.clientHelloBytes) bytes"
        case .trailingBytes: "bytes follow the ClientHello in its record"
        case .truncated: "a length in the ClientHello does not fit"
        case .repeatedExtension: "an extension appears twice"
        case .badServerName: "the server_name extension is malformed"
        case .badProtocols: "the ALPN extension is malformed"
        }
    }
}

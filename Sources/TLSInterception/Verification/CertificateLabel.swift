/// A certificate's subject for people: printable ASCII, at most ``Limits/labelBytes`` long, since a hostile peer wrote it.
package struct CertificateLabel: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// - Parameter bytes: any bytes; what is not printable ASCII becomes `?`, and so does what could end a quotation.
    package init(_ bytes: [UInt8]) {
        let printable = bytes.prefix(Limits.labelBytes).map { byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "?")
            case 0x20...0x7e: byte
            default: UInt8(ascii: "?")
            }
        }
        let text = String(decoding: printable, as: UTF8.self)
        description = bytes.count > Limits.labelBytes ? text + "..." : text
    }
}

/// Bytes as people write them down.
package enum Hex {
    /// - Returns: the bytes of hexadecimal digits; whatever else stands between them is passed over.
    package static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var high: Int?
        for character in text {
            guard let digit = character.hexDigitValue else { continue }
            if let upper = high {
                bytes.append(UInt8(upper << 4 | digit))
                high = nil
            } else {
                high = digit
            }
        }
        return bytes
    }
}

extension Span where Element == UInt8 {
    /// Byte for byte, without allocation.
    package func isEqual(to bytes: [UInt8]) -> Bool {
        guard count == bytes.count else { return false }
        for index in 0..<count where self[index] != bytes[index] { return false }
        return true
    }
}

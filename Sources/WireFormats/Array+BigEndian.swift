extension [UInt8] {
    package mutating func append(bigEndian number: UInt16) {
        append(UInt8(number >> 8))
        append(UInt8(number & 255))
    }

    package mutating func append(bigEndian number: UInt32) {
        append(bigEndian: UInt16(number >> 16))
        append(bigEndian: UInt16(truncatingIfNeeded: number))
    }

    /// Overwrites two bytes; the caller knows they are there.
    package mutating func store(bigEndian number: UInt16, at offset: Int) {
        self[offset] = UInt8(number >> 8)
        self[offset + 1] = UInt8(number & 255)
    }
}

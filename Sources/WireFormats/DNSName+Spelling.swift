/// Names as they lie in questions, labels with their lengths, told apart whatever their spelling (RFC 4343) and without
/// making a string.
///
/// A length byte is 63 at most and so no letter: a whole name can be lowered byte by byte.
extension DNSName {
    /// The offset after a name that has a label at least and no pointer.
    ///
    /// - Returns: `nil` for any other name, and where ``read(_:at:)`` reads none. Allocates nothing.
    package static func endOfLabels(_ message: Span<UInt8>, at start: Int) -> Int? {
        var offset = start
        while let length = message.byte(at: offset), length <= 63 {
            let next = offset + 1 + Int(length)
            if length == 0 { return offset > start ? next : nil }
            // The text has a dot for each length but the first: 253 bytes at most (RFC 1035 section 2.3.4).
            guard next <= message.count, next - start - 1 <= 253 else { return nil }
            for index in (offset + 1)..<next where message[index] == UInt8(ascii: ".") || message[index] == 0 { return nil }
            offset = next
        }
        return nil
    }

    /// The same for every spelling of a name, and another in each process, so that nobody can make names that collide.
    package static func hash(_ name: Span<UInt8>) -> Int {
        var hasher = Hasher()
        var index = 0
        while let word = name.bigEndianUInt64(at: index) {
            hasher.combine(lowered(word))
            index += 8
        }
        while index < name.count {
            hasher.combine(name[index].lowered)
            index += 1
        }
        return hasher.finalize()
    }

    /// - Parameter known: as ``lowered(_:)`` gave it.
    package static func isSpelling(_ name: Span<UInt8>, of known: [UInt8]) -> Bool {
        guard name.count == known.count else { return false }
        for index in 0..<name.count where name[index].lowered != known[index] { return false }
        return true
    }

    package static func lowered(_ name: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(name.count)
        for index in 0..<name.count { result.append(name[index].lowered) }
        return result
    }

    /// Eight bytes at a time: a name has four such words, and is hashed for every query.
    private static func lowered(_ word: UInt64) -> UInt64 {
        let low = word & 0x7f7f_7f7f_7f7f_7f7f
        // A byte's highest bit is set from `A` on, and from behind `Z` on; no carry leaves a byte.
        let fromA = low + 0x3f3f_3f3f_3f3f_3f3f
        let behindZ = low + 0x2525_2525_2525_2525
        let letters = (fromA & ~behindZ) & ~word & 0x8080_8080_8080_8080
        return word | letters >> 2
    }
}

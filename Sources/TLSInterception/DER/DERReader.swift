/// Reads DER elements one after the other: definite, minimal lengths only, and never past the end.
///
/// The reader holds the bytes and a range of them; taking a reader ``inside(_:)`` an element copies nothing.
package struct DERReader: Sendable {
    package let bytes: [UInt8]
    package private(set) var position: Int
    private let end: Int

    package init(_ bytes: [UInt8]) {
        self.init(bytes, within: bytes.indices)
    }

    private init(_ bytes: [UInt8], within range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    package var isAtEnd: Bool { position == end }

    /// The tag of the next element, `nil` at the end.
    package var nextTag: UInt8? { position < end ? bytes[position] : nil }

    /// - Throws: what is wrong with the element; the position is then of no use.
    package mutating func read() throws(DERError) -> DERElement {
        let start = position
        guard end - position >= 2 else { throw .truncated }
        let tag = bytes[position]
        guard tag & 0x1f != 0x1f else { throw .tagTooLarge }
        let first = bytes[position + 1]
        position += 2
        var length = Int(first)
        if first & 0x80 != 0 {
            let count = Int(first & 0x7f)
            guard count != 0 else { throw .indefiniteLength }
            guard count <= 4 else { throw .lengthTooLarge }
            guard end - position >= count else { throw .truncated }
            length = bytes[position..<position + count].reduce(0) { $0 << 8 | Int($1) }
            guard bytes[position] != 0, length >= 0x80 else { throw .lengthNotMinimal }
            position += count
        }
        guard length <= end - position else { throw .truncated }
        let content = position..<position + length
        position += length
        return DERElement(tag: tag, whole: start..<position, content: content)
    }

    /// Reads an element that must have this tag.
    package mutating func read(_ tag: UInt8) throws(DERError) -> DERElement {
        guard let found = nextTag else { throw .truncated }
        guard found == tag else { throw .unexpectedTag(expected: tag, found: found) }
        return try read()
    }

    /// Reads an element if it has this tag, else stays where it is.
    package mutating func readIfPresent(_ tag: UInt8) throws(DERError) -> DERElement? {
        nextTag == tag ? try read() : nil
    }

    /// Enters an element that must have this tag.
    package mutating func enter(_ tag: UInt8) throws(DERError) -> DERReader {
        inside(try read(tag))
    }

    package func inside(_ element: DERElement) -> DERReader {
        DERReader(bytes, within: element.content)
    }

    package func content(of element: DERElement) -> ArraySlice<UInt8> { bytes[element.content] }

    package func expectEnd() throws(DERError) {
        guard isAtEnd else { throw .trailingBytes }
    }
}

extension DERReader {
    /// Reads a BOOLEAN (X.690 section 11.1: FF or 00).
    package mutating func readBoolean() throws(DERError) -> Bool {
        switch content(of: try read(DERTag.boolean)) {
        case [0x00]: false
        case [0xff]: true
        default: throw .invalid("BOOLEAN")
        }
    }

    /// The octets of an INTEGER: at least one, in the shortest form (X.690 section 8.3.2).
    package mutating func readInteger(_ tag: UInt8 = DERTag.integer) throws(DERError) -> ArraySlice<UInt8> {
        let octets = content(of: try read(tag))
        guard let first = octets.first else { throw .invalid("INTEGER") }
        if let second = octets.dropFirst().first {
            guard !(first == 0x00 && second & 0x80 == 0), !(first == 0xff && second & 0x80 != 0) else {
                throw .invalid("INTEGER")
            }
        }
        return octets
    }

    /// A non-negative INTEGER that fits; `Int.max` stands for every larger one.
    package mutating func readSmallInteger(_ tag: UInt8 = DERTag.integer) throws(DERError) -> Int {
        let octets = try readInteger(tag)
        guard let first = octets.first, first & 0x80 == 0 else { throw .invalid("non-negative INTEGER") }
        guard octets.count <= 7 else { return .max }
        return octets.reduce(0) { $0 << 8 | Int($1) }
    }

    /// The bytes of a BIT STRING without unused bits.
    package mutating func readOctetAlignedBits() throws(DERError) -> Range<Int> {
        let content = try read(DERTag.bitString).content
        guard !content.isEmpty, bytes[content.lowerBound] == 0 else { throw .invalid("BIT STRING") }
        return content.dropFirst()
    }
}

/// Byte classes of RFC 9110 section 5.6.2 and 5.5.
extension UInt8 {
    static var carriageReturn: UInt8 { 0x0d }
    static var lineFeed: UInt8 { 0x0a }
    static var tab: UInt8 { 0x09 }
    static var space: UInt8 { 0x20 }

    var isDigit: Bool { (0x30...0x39).contains(self) }

    /// `tchar`: what names of methods and fields are made of.
    var isTokenByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"),
            UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
            UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// What a field value and a reason phrase hold: visible bytes, space, tab, and `obs-text` above 0x7f.
    var isFieldValueByte: Bool { self >= 0x20 && self != 0x7f || self == .tab }

    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }

    /// ASCII upper case to lower case.
    var lowered: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}

extension Span where Element == UInt8 {
    /// Compares a token with a lower-case one.
    func isEqual(_ range: Range<Int>, ignoringCase token: [UInt8]) -> Bool {
        guard range.count == token.count else { return false }
        for offset in 0..<token.count where self[range.lowerBound + offset].lowered != token[offset] { return false }
        return true
    }

    /// `range` without spaces and tabs at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, self[start] == .space || self[start] == .tab { start += 1 }
        while end > start, self[end - 1] == .space || self[end - 1] == .tab { end -= 1 }
        return start..<end
    }

    /// Calls `body` with each element of a comma-separated list, without the empty ones (RFC 9110 section 5.6.1).
    func forEachListElement(
        in range: Range<Int>, _ body: (Range<Int>) throws(HTTP1Violation) -> Void
    ) throws(HTTP1Violation) {
        var start = range.lowerBound
        while start <= range.upperBound {
            var end = start
            while end < range.upperBound, self[end] != UInt8(ascii: ",") { end += 1 }
            let element = trimmed(start..<end)
            if !element.isEmpty { try body(element) }
            start = end + 1
        }
    }

    func isToken(_ range: Range<Int>) -> Bool {
        for index in range where !self[index].isTokenByte { return false }
        return !range.isEmpty
    }
}

extension Array where Element == UInt8 {
    /// Copies a part of `span`: one allocation, no growth checks for each byte.
    init(copying span: Span<UInt8>, _ range: Range<Int>) { self.init(copying: span.extracting(range)) }

    mutating func append(copying span: Span<UInt8>, _ range: Range<Int>) { append(copying: span.extracting(range)) }
}

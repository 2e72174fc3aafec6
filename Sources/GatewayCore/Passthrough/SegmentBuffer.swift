internal import WireFormats

/// The first bytes of a stream, put together from parts that come in any order, more than once, and overlap.
///
/// A byte that was seen once never changes: a part that says otherwise is told apart, whichever of the two the receiver
/// would have taken.
struct SegmentBuffer: Sendable {
    /// Bytes at offsets that no part covered are zero.
    private(set) var bytes: [UInt8] = []
    /// What is known: in order, neither overlapping nor adjacent.
    private var known: [Range<Int>] = []
    /// Bytes kept at most; what lies behind is not looked at.
    let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    enum Insertion: Hashable, Sendable {
        case added
        /// All of it was known before, or lies behind the limit.
        case nothingNew
        /// A byte of it was known to be another.
        case differs
    }

    var isEmpty: Bool { known.isEmpty }

    /// Length of the stream without gaps from its start.
    var prefixLength: Int {
        guard let first = known.first, first.lowerBound == 0 else { return 0 }
        return first.upperBound
    }

    /// - Parameter offset: of the part's first byte in the stream; not negative.
    mutating func insert(_ part: Span<UInt8>, at offset: Int) -> Insertion {
        guard agrees(with: part, at: offset) else { return .differs }
        guard offset >= 0, offset < limit, part.count > 0 else { return .nothingNew }
        let range = offset..<min(limit, offset + part.count)
        if known.contains(where: { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }) {
            return .nothingNew
        }
        if bytes.count < range.upperBound {
            bytes.append(contentsOf: repeatElement(0, count: range.upperBound - bytes.count))
        }
        for index in range { bytes[index] = part[index - offset] }
        merge(range)
        return .added
    }

    /// Forgets what is known behind the first `length` bytes.
    mutating func truncate(to length: Int) {
        bytes.removeLast(max(0, bytes.count - length))
        known = known.compactMap { $0.lowerBound < length ? $0.lowerBound..<min($0.upperBound, length) : nil }
    }

    /// Whether no byte of the part is known to be another.
    func agrees(with part: Span<UInt8>, at offset: Int) -> Bool {
        guard offset >= 0, offset < limit else { return true }
        let end = min(limit, offset + part.count)
        for range in known {
            var index = max(range.lowerBound, offset)
            while index < min(range.upperBound, end) {
                if bytes[index] != part[index - offset] { return false }
                index += 1
            }
        }
        return true
    }

    private mutating func merge(_ added: Range<Int>) {
        var merged = added
        var kept: [Range<Int>] = []
        for range in known {
            if range.upperBound < merged.lowerBound || range.lowerBound > merged.upperBound {
                kept.append(range)
            } else {
                merged = min(range.lowerBound, merged.lowerBound)..<max(range.upperBound, merged.upperBound)
            }
        }
        kept.insert(merged, at: kept.firstIndex { $0.lowerBound > merged.lowerBound } ?? kept.count)
        known = kept
    }
}

/// Finds where the last minutes of a decision log begin, reading it from its end.
///
/// The log's lines come nearly in order: threads that write at once may swap two, and a clock may be set. So the scan goes
/// back until a whole chunk has nothing of the time in question, and the segment begins at the earliest line that it has
/// seen of it; older lines in between stay in, because a segment is one piece of the file.
///
///     … old old │ old old old │ old new old │ new new new ▌torn
///               └─ scan ends ─┘     ▲ the segment                ▲ its end: behind the last line feed
struct LogScan {
    enum Next: Hashable {
        /// Read the chunk before this one.
        case back
        /// Nothing before this chunk belongs to the segment.
        case done
    }

    /// `2026-01-31T23:59:59.000Z`: such texts are in order when their times are.
    let since: [UInt8]
    /// The earliest line of the time in question; `nil` while there is none.
    private(set) var start: UInt64?
    /// Behind the last line feed; what follows is a line that was being written. `nil` while there is none.
    private(set) var end: UInt64?

    /// What a line begins with, and how long that and the time are.
    private static let prefix = Array("{\"time\":\"".utf8)
    static let headBytes = prefix.count + 24

    init(since: [UInt8]) {
        precondition(since.count == 24, "not a time of the log")
        self.since = since
    }

    /// Looks through one chunk; the chunks come from the file's end to its beginning, without gaps.
    ///
    /// - Parameters:
    ///   - bytes: the chunk with up to ``headBytes`` of what follows it.
    ///   - count: of the chunk itself, in bytes.
    ///   - offset: of the chunk in the file.
    mutating func look(at bytes: Span<UInt8>, count: Int, offset: UInt64) -> Next {
        var hasOld = false
        var hasNew = false
        for index in stride(from: count - 1, through: 0, by: -1) where bytes[index] == UInt8(ascii: "\n") {
            if end == nil { end = offset + UInt64(index) + 1 }
            note(bytes, index + 1, offset, &hasOld, &hasNew)
        }
        if offset == 0 {
            note(bytes, 0, 0, &hasOld, &hasNew)
            return .done
        }
        return hasOld && !hasNew ? .done : .back
    }

    /// - Parameter index: where a line begins.
    private mutating func note(_ bytes: Span<UInt8>, _ index: Int, _ offset: UInt64, _ hasOld: inout Bool, _ hasNew: inout Bool) {
        let place = offset + UInt64(index)
        // A line that has no end yet is no part of the segment.
        guard let end, place < end, let isNew = Self.isNew(bytes, index, since) else { return }
        if isNew {
            hasNew = true
            start = place
        } else {
            hasOld = true
        }
    }

    /// - Returns: `nil` for a line that does not begin with a time.
    private static func isNew(_ bytes: Span<UInt8>, _ index: Int, _ since: [UInt8]) -> Bool? {
        guard index + headBytes <= bytes.count else { return nil }
        for position in prefix.indices where bytes[index + position] != prefix[position] { return nil }
        let time = index + prefix.count
        guard bytes[time + 10] == UInt8(ascii: "T"), bytes[time + 23] == UInt8(ascii: "Z") else { return nil }
        for position in 0..<24 where bytes[time + position] != since[position] {
            return bytes[time + position] > since[position]
        }
        return true
    }
}

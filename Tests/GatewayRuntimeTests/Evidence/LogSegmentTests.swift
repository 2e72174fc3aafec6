import Foundation
@testable import GatewayRuntime
import Testing
import TLSInterception

@Suite("Segments of a log")
struct LogSegmentTests {
    /// A file of one test, taken away with it.
    private final class File {
        let path = FileManager.default.temporaryDirectory.appending(path: "portcullis-\(UUID().uuidString)").path()

        init(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static let noon: UInt64 = 1_800_000_000

    /// A line of the log, `seconds` after noon.
    private static func line(_ seconds: Int, _ subject: String = "x") -> String {
        var time = TimeText()
        let text = String(decoding: time.rfc3339(UInt64(Int(noon) + seconds) * 1_000_000_000), as: UTF8.self)
        return "{\"time\":\"\(text)\",\"agent\":1,\"subject\":\"\(subject)\"}\n"
    }

    private static func read(
        _ file: File, since seconds: Int, chunk: Int = 1 << 20, segment: UInt64 = .max, before: UInt64 = .max
    ) throws -> (segment: LogSegment, text: String) {
        var bytes: [UInt8] = []
        let found = try LogSegment.read(
            file.path, since: UInt64(Int(noon) + seconds) * 1_000_000_000, gateway: nil, chunkBytes: chunk, segmentBytes: segment,
            beforeBytes: before) { bytes += $0 }
        return (found, String(decoding: bytes, as: UTF8.self))
    }

    /// However the file falls into chunks, the segment and what proves it are the same.
    @Test(arguments: [1, 2, 7, 33, 34, 60, 61, 100, 1 << 20]) func takesTheLinesSince(chunk: Int) throws {
        let old = (0..<20).map { Self.line($0) }.joined()
        let new = (20..<30).map { Self.line($0, "new") }.joined()
        let file = try File(old + new)
        let (segment, text) = try Self.read(file, since: 20, chunk: chunk)
        #expect(text == new && segment.lines == 10)
        #expect(segment.start == UInt64(old.utf8.count) && segment.end == UInt64((old + new).utf8.count))
        #expect(segment.digest == Digest(of: Array(new.utf8)) && segment.digestBefore == Digest(of: Array(old.utf8)))
        #expect(segment.tornBytes == 0 && !segment.isTruncated && segment.logSize == segment.end && segment.isOpenInGateway == nil)
    }

    @Test(arguments: [1, 50, 1 << 20]) func theWholeLogMayBeIt(chunk: Int) throws {
        let text = (0..<5).map { Self.line($0) }.joined()
        let (segment, found) = try Self.read(try File(text), since: -100, chunk: chunk)
        #expect(found == text && segment.start == 0 && segment.digestBefore == Digest(of: []))
    }

    @Test(arguments: [1, 50, 1 << 20]) func orNothingOfIt(chunk: Int) throws {
        let text = (0..<5).map { Self.line($0) }.joined()
        let (segment, found) = try Self.read(try File(text), since: 5, chunk: chunk)
        #expect(found.isEmpty && segment.lines == 0 && segment.start == segment.end && segment.end == UInt64(text.utf8.count))
        #expect(segment.digestBefore == Digest(of: Array(text.utf8)))
    }

    /// The last line is cut off after every byte: only whole lines are in the segment, and what is left is counted.
    @Test(arguments: [5, 1 << 20]) func aTornLineIsLeft(chunk: Int) throws {
        let whole = Self.line(0) + Self.line(10)
        let last = Self.line(11)
        for length in 0..<last.utf8.count {
            let (segment, text) = try Self.read(try File(whole + last.prefix(length)), since: 10, chunk: chunk)
            #expect(text == Self.line(10) && segment.tornBytes == UInt64(length), "\(length)")
        }
    }

    @Test(arguments: ["", "x", "{\"time\":\"2027-01-15T08:00:00.000Z\"", "no line feed at all"]) func aLogWithoutALine(text: String) throws {
        let (segment, found) = try Self.read(try File(text), since: 0, chunk: 3)
        #expect(found.isEmpty && segment.end == 0 && segment.tornBytes == UInt64(text.utf8.count))
    }

    /// Threads that write at once, and clocks that are set: nothing of the time is lost, and the piece stays one piece.
    @Test(arguments: [40, 1 << 20]) func linesNeedNotBeInOrder(chunk: Int) throws {
        let old = (0..<9).map { Self.line($0) }.joined()
        let mixed = [Self.line(11), Self.line(9), Self.line(10), Self.line(8), Self.line(12)].joined()
        let (segment, text) = try Self.read(try File(old + mixed), since: 10, chunk: max(chunk, 200))
        #expect(text == mixed && segment.start == UInt64(old.utf8.count))
    }

    /// Lines that are somebody else's have no time: they end no search, and begin no segment.
    @Test func otherLinesAreNoTimes() throws {
        let odd = "\n\n{\"time\":\"not a time, but as long\"}\n{\"agent\":1}\n" + String(repeating: "x", count: 500) + "\n"
        let text = Self.line(0) + odd + Self.line(10) + odd + Self.line(11)
        for chunk in [20, 64, 1 << 20] {
            #expect(try Self.read(try File(text), since: 10, chunk: chunk).text == Self.line(10) + odd + Self.line(11))
        }
    }

    @Test func aSegmentThatIsTooLargeKeepsTheNewest() throws {
        let lines = (0..<100).map { Self.line($0) }
        let size = UInt64(lines[0].utf8.count)
        let (segment, text) = try Self.read(try File(lines.joined()), since: 0, chunk: 100, segment: 10 * size)
        #expect(segment.isTruncated && text == lines.suffix(Int(segment.lines)).joined())
        #expect(segment.lines >= 9 && segment.lines <= 12)
    }

    @Test func whatComesBeforeMayBeTooMuch() throws {
        let lines = (0..<10).map { Self.line($0) }
        let size = UInt64(lines[0].utf8.count)
        #expect(try Self.read(try File(lines.joined()), since: 5, before: 5 * size).segment.digestBefore != nil)
        #expect(try Self.read(try File(lines.joined()), since: 5, before: 5 * size - 1).segment.digestBefore == nil)
    }

    /// What is appended while the segment is being read is not in it, and does not change it.
    @Test func aLogThatGrows() throws {
        let file = try File((0..<50).map { Self.line($0) }.joined())
        let handle = try #require(FileHandle(forWritingAtPath: file.path))
        try handle.seekToEnd()
        var pieces: [UInt8] = []
        let segment = try LogSegment.read(file.path, since: (Self.noon + 10) * 1_000_000_000, gateway: nil, chunkBytes: 100) { bytes in
            pieces += bytes
            try handle.write(contentsOf: Data(Self.line(60).utf8))
        }
        #expect(String(decoding: pieces, as: UTF8.self) == (10..<50).map { Self.line($0) }.joined())
        #expect(segment.digest == Digest(of: pieces) && segment.end == segment.logSize)
    }

    @Test func aLogThatShrinksIsAnError() throws {
        let file = try File((0..<50).map { Self.line($0) }.joined())
        #expect(throws: LogSegment.LogShrank.self) {
            try LogSegment.read(file.path, since: Self.noon * 1_000_000_000, gateway: nil, chunkBytes: 100) { _ in
                try FileHandle(forWritingTo: URL(filePath: file.path)).truncate(atOffset: 0)
            }
        }
    }
}

import Glibc
@testable import LinuxKernel
import Testing

@Suite("Command lines")
struct ProcessCommandLineTests {
    /// A pipe with these bytes in it; its other end stays open unless it is closed.
    private static func pipe(_ bytes: [UInt8], closed: Bool) throws -> (reading: Int32, writing: Int32) {
        var ends: (Int32, Int32) = (-1, -1)
        let made = unsafe withUnsafeMutableBytes(of: &ends) { raw in
            unsafe Glibc.pipe(raw.assumingMemoryBound(to: Int32.self).baseAddress!)
        }
        try #require(made == 0)
        try #require(unsafe write(ends.1, bytes, bytes.count) == bytes.count)
        if closed { close(ends.1) }
        return (ends.0, closed ? -1 : ends.1)
    }

    private static func line(_ bytes: [UInt8], limit: UInt32 = 1 << 20) throws -> ProcessCommandLine {
        let ends = try pipe(bytes, closed: true)
        let reading = Descriptor(owning: ends.reading)
        return try ProcessCommandLine(reading, limitBytes: limit)
    }

    @Test(arguments: [
        ("curl\0--token=ghp_secret\0url\0", "curl" as String?, 3), ("", nil, 0), ("curl\0", "curl", 1), ("curl", "curl", 1),
        ("\0x\0", nil, 2), ("node --token=ghp_secret", "node", 1),
    ])
    func countsWords(text: String, program: String?, count: Int) throws {
        let line = try Self.line(Array(text.utf8))
        #expect(line.program == program && line.wordCount == count && !line.isCut)
    }

    @Test func itIsBounded() throws {
        let name = try Self.line([UInt8](repeating: 65, count: 5000) + [0])
        #expect(name.program?.utf8.count == 256 && name.wordCount == 1 && !name.isCut)
        let long = try Self.line([UInt8](repeating: 0, count: 20_000), limit: 8192)
        #expect(long.isCut && long.wordCount == 8192)
    }

    /// Whoever put a file system of his own under his memory does not keep the reader for ever.
    @Test func whoKeepsItsReaderWaitingIsLeft() throws {
        let ends = try Self.pipe(Array("x".utf8), closed: false)
        let reading = Descriptor(owning: ends.reading)
        let writing = Descriptor(owning: ends.writing)
        let before = MonotonicClock.nanoseconds
        #expect(throws: SystemCallError("read a command line", number: ETIMEDOUT)) {
            try ProcessCommandLine(reading, milliseconds: 100)
        }
        let took = MonotonicClock.nanoseconds - before
        #expect(took >= 100_000_000 && took < 30_000_000_000)
        #expect(writing.number >= 0)
    }
}

internal import LinuxKernel
internal import TLSInterception

extension LogSegment {
    /// The file became shorter while it was read.
    struct LogShrank: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) became shorter while it was read; something else than the gateway writes it" }
    }

    /// Reads the segment of a log from `since` on, and hands it over piece by piece. What is appended meanwhile is left.
    ///
    /// - Parameters:
    ///   - wallNanoseconds: of the moment to begin at, since 1970.
    ///   - gateway: whose log it is, if it is alive.
    ///   - write: called with the segment's bytes in order.
    static func read(
        _ path: String, since wallNanoseconds: UInt64, gateway: Int32?, chunkBytes: Int = EvidenceLimits.logChunkBytes,
        segmentBytes: UInt64 = EvidenceLimits.segmentBytes, beforeBytes: UInt64 = EvidenceLimits.digestBeforeBytes,
        write: ([UInt8]) throws -> Void
    ) throws -> LogSegment {
        let file = try PlainFile(path)
        var time = TimeText()
        var scan = LogScan(since: time.rfc3339(wallNanoseconds))
        // From the end back, chunk by chunk.
        var offset = file.size
        var isTruncated = false
        while offset > 0 {
            guard file.size - offset < segmentBytes else {
                isTruncated = true
                break
            }
            let count = min(UInt64(chunkBytes), offset)
            offset -= count
            let bytes = try file.read(at: offset, count: Int(min(count + UInt64(LogScan.headBytes), file.size - offset)))
            guard bytes.count >= Int(count) else { throw LogShrank(path: path) }
            if scan.look(at: bytes.span, count: Int(count), offset: offset) == .done { break }
        }
        // A file without a single line feed is all torn; one without a line of that time has a segment of no lines.
        let end = scan.end ?? 0
        let start = scan.start ?? end

        var lines: UInt64 = 0
        var digest = RunningDigest()
        try pieces(of: file, path, from: start, to: end, chunkBytes) { bytes in
            digest.add(bytes)
            lines += UInt64(bytes.count { $0 == UInt8(ascii: "\n") })
            try write(bytes)
        }
        var digestBefore: Digest?
        if start <= beforeBytes {
            var before = RunningDigest()
            try pieces(of: file, path, from: 0, to: start, chunkBytes) { before.add($0) }
            digestBefore = before.finish()
        }
        return LogSegment(
            path: path, device: file.device, inode: file.inode, logSize: file.size, start: start, end: end, lines: lines,
            digest: digest.finish(), digestBefore: digestBefore, tornBytes: file.size - end, isTruncated: isTruncated,
            isOpenInGateway: gateway.flatMap { file.isOpen(in: $0) })
    }

    private static func pieces(
        of file: borrowing PlainFile, _ path: String, from start: UInt64, to end: UInt64, _ chunkBytes: Int,
        _ body: ([UInt8]) throws -> Void
    ) throws {
        var offset = start
        while offset < end {
            let count = Int(min(UInt64(chunkBytes), end - offset))
            let bytes = try file.read(at: offset, count: count)
            guard bytes.count == count else { throw LogShrank(path: path) }
            try body(bytes)
            offset += UInt64(count)
        }
    }
}

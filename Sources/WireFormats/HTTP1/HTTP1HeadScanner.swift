/// Finds the end of a head and refuses, on the way, what no head holds.
enum HTTP1HeadScanner {
    /// Scans from where the last scan stopped, so that feeding a head byte by byte takes linear time.
    ///
    /// - Returns: the offset behind the empty line, or where to go on once there are more bytes.
    static func scan(
        _ bytes: Span<UInt8>, from start: Int, limits: HTTP1Limits
    ) throws(HTTP1Violation) -> (end: Int?, scanFrom: Int) {
        if bytes.count > 0, bytes[0] == .carriageReturn || bytes[0] == .lineFeed { throw .leadingLineBreak }
        var index = start
        let scanEnd = min(bytes.count, limits.headBytes)
        scanning: while index < scanEnd {
            let byte = bytes[index]
            switch byte {
            case .lineFeed:
                guard index > 0, bytes[index - 1] == .carriageReturn else { throw .bareLineFeed }
                if index >= 3, bytes[index - 2] == .lineFeed {
                    try checkStartLine(bytes, limits: limits)
                    return (index + 1, 0)
                }
            case .carriageReturn:
                guard index + 1 < bytes.count else { break scanning }
                guard bytes[index + 1] == .lineFeed else { throw .bareCarriageReturn }
            case 0x20...0x7e, .tab, 0x80...0xff:
                break
            default:
                throw .controlByte
            }
            index += 1
        }
        // Looked at once, when the limit is first passed.
        if start <= limits.startLineBytes + 1, bytes.count > limits.startLineBytes + 1 {
            try checkStartLine(bytes, limits: limits)
        }
        guard bytes.count < limits.headBytes else { throw .headTooLarge }
        return (nil, index)
    }

    private static func checkStartLine(_ bytes: Span<UInt8>, limits: HTTP1Limits) throws(HTTP1Violation) {
        for index in 0..<min(bytes.count, limits.startLineBytes + 1) where bytes[index] == .carriageReturn { return }
        throw .startLineTooLong
    }
}

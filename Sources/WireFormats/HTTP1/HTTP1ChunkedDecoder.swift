/// Takes chunked content apart (RFC 9112 section 7.1) as it streams, and keeps nothing of it.
///
/// ```
///            ┌───────────────── CRLF ──────────────────┐
///            ▼                                         │
///  size ─hex─▶ digits ─;─▶ extension ─CR─▶ sizeEnd ─LF─▶ data ─▶ dataCR ─▶ dataLF
///                 └──────────CR──────────────▲   └ size 0 ─▶ trailers ─▶ finished
/// ```
/// Extensions are checked and dropped; no white space is skipped anywhere. After a violation the decoder must not be
/// used again.
package struct HTTP1ChunkedDecoder: ~Copyable {
    private enum State {
        case size(digits: Int, value: UInt64)
        case extensions(HTTP1ChunkExtensions, value: UInt64)
        case sizeEnd(value: UInt64)
        case data(remaining: UInt64)
        case dataCR
        case dataLF
        case trailers
        case finished
    }

    private var state = State.size(digits: 0, value: 0)
    private let limits: HTTP1Limits
    private var trailerBytes: [UInt8] = []

    package init(limits: HTTP1Limits = .standard) { self.limits = limits }

    package enum Progress: Sendable {
        case needMore
        /// The content is complete. The trailers have been checked; there are usually none.
        case finished(trailers: HTTP1FieldSection)
    }

    /// Decodes as much of `input` as belongs to this content.
    ///
    /// - Parameter output: payload is appended, at most as many bytes as `input` has.
    /// - Returns: how many bytes of `input` were taken; bytes behind the end of the content are not.
    package mutating func decode(
        _ input: Span<UInt8>, into output: inout [UInt8]
    ) throws(HTTP1Violation) -> (consumed: Int, progress: Progress) {
        var index = 0
        while index < input.count {
            let byte = input[index]
            switch state {
            case .size(let digits, let value):
                state = try HTTP1ChunkedDecoder.afterSizeByte(byte, digits: digits, value: value, limits: limits)
                index += 1
            case .extensions(var extensions, let value):
                state = try extensions.take(byte) ? .sizeEnd(value: value) : .extensions(extensions, value: value)
                index += 1
            case .sizeEnd(let value):
                guard byte == .lineFeed else { throw .bareCarriageReturn }
                state = value == 0 ? .trailers : .data(remaining: value)
                index += 1
            case .data(let remaining):
                let count = min(remaining, UInt64(input.count - index))
                let end = index + Int(count)
                output.append(copying: input, index..<end)
                index = end
                state = remaining == count ? .dataCR : .data(remaining: remaining - count)
            case .dataCR:
                guard byte == .carriageReturn else { throw .missingChunkEnd }
                state = .dataLF
                index += 1
            case .dataLF:
                guard byte == .lineFeed else { throw .missingChunkEnd }
                state = .size(digits: 0, value: 0)
                index += 1
            case .trailers:
                index += 1
                guard try takeTrailerByte(byte) else { continue }
                state = .finished
                return (index, .finished(trailers: try trailers()))
            case .finished:
                preconditionFailure("decode was called after the content had ended")
            }
        }
        return (index, .needMore)
    }

    private static func afterSizeByte(
        _ byte: UInt8, digits: Int, value: UInt64, limits: HTTP1Limits
    ) throws(HTTP1Violation) -> State {
        if let digit = byte.hexValue {
            // 16 digits fill 64 bits; more would overflow, or hide the size behind zeros.
            guard digits < 16 else { throw .invalidChunkSize }
            return .size(digits: digits + 1, value: value << 4 | UInt64(digit))
        }
        guard digits > 0 else { throw .invalidChunkSize }
        switch byte {
        case .carriageReturn: return .sizeEnd(value: value)
        case UInt8(ascii: ";"): return .extensions(HTTP1ChunkExtensions(limitBytes: limits.chunkExtensionBytes), value: value)
        case .lineFeed: throw .bareLineFeed
        default: throw .invalidChunkSize
        }
    }

    /// - Returns: true at the empty line.
    private mutating func takeTrailerByte(_ byte: UInt8) throws(HTTP1Violation) -> Bool {
        let last = trailerBytes.last
        if last == .carriageReturn, byte != .lineFeed { throw .bareCarriageReturn }
        switch byte {
        case .lineFeed: guard last == .carriageReturn else { throw .bareLineFeed }
        case .carriageReturn, 0x20...0x7e, .tab, 0x80...0xff: break
        default: throw .controlByte
        }
        guard trailerBytes.count < limits.trailerBytes else { throw .trailersTooLarge }
        trailerBytes.append(byte)
        let count = trailerBytes.count
        return byte == .lineFeed && (count == 2 || trailerBytes[count - 3] == .lineFeed)
    }

    private mutating func trailers() throws(HTTP1Violation) -> HTTP1FieldSection {
        trailerBytes.removeLast(2)
        return try HTTP1FieldSection(trailerBytes, from: 0, fieldLimit: limits.trailerFieldCount, isTrailer: true)
    }
}

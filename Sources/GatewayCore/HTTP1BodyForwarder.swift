internal import WireFormats

/// Carries one message body from one connection to the other, checked and written anew.
struct HTTP1BodyForwarder: ~Copyable {
    private enum Source {
        case nothing
        case counted(left: UInt64)
        case chunked
        case untilClose
    }

    private var source: Source
    private var decoder = HTTP1ChunkedDecoder()
    /// Whether the body goes out in chunks of our own.
    private let rewraps: Bool
    private(set) var isFinished: Bool
    /// Decoded payload on its way into a chunk.
    private var payload: [UInt8] = []

    init(_ framing: HTTP1Framing, rewrapping: Bool) {
        rewraps = rewrapping
        switch framing {
        case .none:
            source = .nothing
            isFinished = true
        case .length(let length):
            source = .counted(left: length)
            isFinished = length == 0
        case .chunked:
            source = .chunked
            isFinished = false
        case .untilClose:
            source = .untilClose
            isFinished = false
        }
    }

    /// True for a body that only the end of its connection ends.
    var endsWithConnection: Bool {
        if case .untilClose = source { return !isFinished }
        return false
    }

    /// - Returns: how many bytes belonged to the body.
    mutating func forward(_ bytes: Span<UInt8>, to output: inout [UInt8]) throws(HTTP1Violation) -> Int {
        switch source {
        case .nothing:
            return 0
        case .counted(let left):
            let count = Int(min(left, UInt64(bytes.count)))
            output.append(copying: bytes.extracting(0..<count))
            source = .counted(left: left - UInt64(count))
            isFinished = left == UInt64(count)
            return count
        case .untilClose:
            write(bytes, to: &output)
            return bytes.count
        case .chunked:
            payload.removeAll(keepingCapacity: true)
            let (consumed, progress) = try decoder.decode(bytes, into: &payload)
            if !payload.isEmpty {
                let decoded = payload
                write(decoded.span, to: &output)
            }
            if case .finished(let trailers) = progress {
                isFinished = true
                if rewraps { HTTP1ChunkWriter.appendLast(trailers: trailers, to: &output) }
                payload = []
            }
            return consumed
        }
    }

    /// The connection ended, and with it a body that had no other end.
    mutating func finishAtClose(to output: inout [UInt8]) {
        isFinished = true
        if rewraps { HTTP1ChunkWriter.appendLast(to: &output) }
    }

    private func write(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        if rewraps {
            HTTP1ChunkWriter.append(chunk: bytes, to: &output)
        } else {
            output.append(copying: bytes)
        }
    }
}

/// Writes chunked content (RFC 9112 section 7.1).
package enum HTTP1ChunkWriter {
    /// Appends one chunk. An empty payload writes nothing: a chunk of size 0 would end the content.
    package static func append(chunk payload: Span<UInt8>, to output: inout [UInt8]) {
        guard payload.count > 0 else { return }
        appendHex(UInt64(payload.count), to: &output)
        HTTP1HeadWriter.append("\r\n", to: &output)
        output.append(copying: payload, 0..<payload.count)
        HTTP1HeadWriter.append("\r\n", to: &output)
    }

    /// Appends the last chunk and the trailers, which ends the content.
    package static func appendLast(trailers: HTTP1FieldSection? = nil, to output: inout [UInt8]) {
        HTTP1HeadWriter.append("0\r\n", to: &output)
        if let trailers { HTTP1HeadWriter.appendEndToEnd(trailers, keepsTrailer: false, to: &output) }
        HTTP1HeadWriter.append("\r\n", to: &output)
    }

    private static func appendHex(_ value: UInt64, to output: inout [UInt8]) {
        let start = output.count
        var rest = value
        repeat {
            let digit = UInt8(rest & 15)
            output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            rest >>= 4
        } while rest > 0
        output[start...].reverse()
    }
}

/// Writes the fields of a head as they go on to the next hop.
struct HTTP1HeadWriter {
    static func append(_ text: StaticString, to output: inout [UInt8]) {
        // SAFETY: the buffer is read inside the closure only.
        text.withUTF8Buffer { unsafe output.append(contentsOf: $0) }
    }

    static func append(_ bytes: [UInt8], _ range: Range<Int>, to output: inout [UInt8]) {
        output.append(contentsOf: bytes[range])
    }

    static func appendDecimal(_ value: UInt64, to output: inout [UInt8]) {
        let start = output.count
        var rest = value
        repeat {
            output.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        output[start...].reverse()
    }

    /// Fields for the other end, each with the spelling of its name and its value without white space around it.
    static func appendEndToEnd(_ section: HTTP1FieldSection, keepsTrailer: Bool, to output: inout [UInt8]) {
        for field in section.fields {
            switch field.kind {
            case .endToEnd: break
            case .trailer: guard keepsTrailer else { continue }
            case .host, .contentLength, .transferEncoding, .connection, .te, .upgrade, .expect, .hopByHop, .nominated: continue
            }
            append(section.bytes, field.name, to: &output)
            append(": ", to: &output)
            append(section.bytes, field.value, to: &output)
            append("\r\n", to: &output)
        }
    }

    static func appendFraming(_ framing: HTTP1Framing, to output: inout [UInt8]) {
        switch framing {
        case .none, .untilClose: break
        case .length(let length):
            append("Content-Length: ", to: &output)
            appendDecimal(length, to: &output)
            append("\r\n", to: &output)
        case .chunked: append("Transfer-Encoding: chunked\r\n", to: &output)
        }
    }

    /// One `Connection` line with what applies, or none.
    static func appendConnection(closes: Bool, keepAlive: Bool, te: Bool, upgrade: Bool, to output: inout [UInt8]) {
        var isFirst = true
        func option(_ text: StaticString, _ output: inout [UInt8]) {
            append(isFirst ? "Connection: " : ", ", to: &output)
            append(text, to: &output)
            isFirst = false
        }
        if closes { option("close", &output) } else if keepAlive { option("keep-alive", &output) }
        if te { option("TE", &output) }
        if upgrade { option("Upgrade", &output) }
        if !isFirst { append("\r\n", to: &output) }
    }
}

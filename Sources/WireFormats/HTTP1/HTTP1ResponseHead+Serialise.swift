extension HTTP1ResponseHead {
    /// Appends the head as it goes to the agent: always HTTP/1.1, framing written anew, and everything that was meant
    /// for the gateway's own connection left out (RFC 9110 section 7.6.1).
    ///
    /// - Parameters:
    ///   - version: what the agent speaks. To HTTP/1.0 no chunks are sent: the content then ends with the connection.
    ///   - extra: whole field lines with their CRLF, from the gateway itself.
    package func append(
        normalised forwarding: HTTP1Forwarding = HTTP1Forwarding(), to version: HTTP1Version = .http11, extra: [UInt8] = [],
        into output: inout [UInt8]
    ) {
        var framing = forwarding.framing ?? framing
        if version == .http10, framing == .chunked { framing = .untilClose }
        HTTP1HeadWriter.append("HTTP/1.1 ", to: &output)
        HTTP1HeadWriter.appendDecimal(UInt64(status), to: &output)
        output.append(.space)
        // Bytes above 0x7f are legal here and useful to nobody.
        for index in reasonPhrase { output.append((0x20...0x7e).contains(bytes[index]) ? bytes[index] : UInt8(ascii: "?")) }
        HTTP1HeadWriter.append("\r\n", to: &output)
        HTTP1HeadWriter.appendEndToEnd(section, keepsTrailer: framing == .chunked, to: &output)
        if framing == .none, let contentLength, status != 204, status >= 200 {
            // To HEAD, and 304: the length that the content would have.
            HTTP1HeadWriter.appendFraming(.length(contentLength), to: &output)
        } else {
            HTTP1HeadWriter.appendFraming(framing, to: &output)
        }
        let upgrade = forwarding.keepsUpgrade ? upgrade : nil
        if let upgrade {
            HTTP1HeadWriter.append("Upgrade: ", to: &output)
            HTTP1HeadWriter.append(bytes, upgrade, to: &output)
            HTTP1HeadWriter.append("\r\n", to: &output)
        }
        let closes = forwarding.closes || framing == .untilClose
        HTTP1HeadWriter.appendConnection(
            closes: closes, keepAlive: version == .http10 && !closes, te: false, upgrade: upgrade != nil, to: &output)
        output.append(contentsOf: extra)
        HTTP1HeadWriter.append("\r\n", to: &output)
    }
}

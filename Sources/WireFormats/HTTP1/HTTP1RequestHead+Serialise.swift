extension HTTP1RequestHead {
    /// Appends the head as it goes to the server: always HTTP/1.1, `Host` first and canonical, framing written anew, and
    /// everything that was meant for this connection only left out (RFC 9110 section 7.6.1).
    ///
    /// - Parameter extra: whole field lines with their CRLF, from the gateway itself.
    package func append(
        normalised forwarding: HTTP1Forwarding = HTTP1Forwarding(), extra: [UInt8] = [], to output: inout [UInt8]
    ) {
        let framing = forwarding.framing ?? framing
        HTTP1HeadWriter.append(bytes, method, to: &output)
        output.append(.space)
        HTTP1HeadWriter.append(bytes, target, to: &output)
        HTTP1HeadWriter.append(" HTTP/1.1\r\nHost: ", to: &output)
        for index in hostName { output.append(bytes[index].lowered) }
        if let hostPort {
            output.append(UInt8(ascii: ":"))
            HTTP1HeadWriter.appendDecimal(UInt64(hostPort), to: &output)
        }
        HTTP1HeadWriter.append("\r\n", to: &output)
        HTTP1HeadWriter.appendEndToEnd(section, keepsTrailer: framing == .chunked, to: &output)
        HTTP1HeadWriter.appendFraming(framing, to: &output)
        let upgrade = forwarding.keepsUpgrade ? upgrade : nil
        if expectsContinue, forwarding.keepsExpect { HTTP1HeadWriter.append("Expect: 100-continue\r\n", to: &output) }
        if acceptsTrailers { HTTP1HeadWriter.append("TE: trailers\r\n", to: &output) }
        if let upgrade {
            HTTP1HeadWriter.append("Upgrade: ", to: &output)
            HTTP1HeadWriter.append(bytes, upgrade, to: &output)
            HTTP1HeadWriter.append("\r\n", to: &output)
        }
        HTTP1HeadWriter.appendConnection(
            closes: forwarding.closes || hasUnusualContent, keepAlive: false, te: acceptsTrailers, upgrade: upgrade != nil,
            to: &output)
        output.append(contentsOf: extra)
        HTTP1HeadWriter.append("\r\n", to: &output)
    }
}

/// The head of an HTTP/1 request: request line and fields, read strictly (RFC 9112 sections 2 to 6, RFC 9110).
///
/// Where the RFCs let a reader repair or guess, this one refuses: the server behind may repair differently, and would
/// then see another request than the one that was judged. The bytes are kept once; everything else points into them.
///
/// A body on GET, DELETE and the like is let through when its framing is plain, because real clients send one; such
/// requests have ``hasUnusualContent`` and are forwarded with `Connection: close`, so that a server that ignores the body
/// does not take it for the next request.
package struct HTTP1RequestHead: Sendable {
    package let section: HTTP1FieldSection
    /// In ``HTTP1FieldSection/bytes``.
    package let method: Range<Int>
    /// Path and query, or `*`.
    package let target: Range<Int>
    /// The path of the target without its query.
    package let path: Range<Int>
    package let version: HTTP1Version
    package let framing: HTTP1Framing
    /// The client lets the connection stay open.
    package let keepAlive: Bool
    /// The client waits for `100 Continue` before it sends the content. Always false in HTTP/1.0.
    package let expectsContinue: Bool
    /// What the client wants to switch to; `nil` when `Connection` does not say so, too.
    package let upgrade: Range<Int>?
    /// `TE: trailers` was sent.
    package let acceptsTrailers: Bool
    package let isHEAD: Bool
    /// Content on a method that has none by definition.
    package let hasUnusualContent: Bool
    /// The name in `Host`, without brackets' check undone and without port; see ``authority``.
    let hostName: Range<Int>
    let hostPort: UInt16?
    let hostAddress: IPAddress?

    package var bytes: [UInt8] { section.bytes }

    package var fields: [HTTP1Field] { section.fields }

    /// `Host`, parsed. Makes a string; use ``isFor(_:)`` to compare.
    package var authority: HTTPAuthority {
        if let hostAddress { return HTTPAuthority(host: .address(hostAddress), port: hostPort) }
        guard let name = try? HostName(section.bytes.span.extracting(hostName)) else {
            preconditionFailure("the name was checked by the parser")
        }
        return HTTPAuthority(host: .name(name), port: hostPort)
    }

    /// True when `Host` is this name, in any case, with any port.
    package func isFor(_ name: HostName) -> Bool {
        guard hostAddress == nil, hostName.count == name.text.utf8.count else { return false }
        let span = section.bytes.span
        var index = hostName.lowerBound
        for byte in name.text.utf8 {
            guard span[index].lowered == byte else { return false }
            index += 1
        }
        return true
    }

    /// The port in `Host`, if it has one.
    package var port: UInt16? { hostPort }

    /// For logs.
    package var methodText: String { section.text(method) }

    package var targetText: String { section.text(target) }
}

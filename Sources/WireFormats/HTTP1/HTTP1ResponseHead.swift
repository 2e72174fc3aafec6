/// The head of an HTTP/1 response, read as strictly as a request: a response that two readers cut differently gives the
/// agent another answer than the one that was inspected.
package struct HTTP1ResponseHead: Sendable {
    package let section: HTTP1FieldSection
    /// 100 to 599.
    package let status: Int
    /// Without control bytes; may be empty.
    package let reasonPhrase: Range<Int>
    package let version: HTTP1Version
    package let framing: HTTP1Framing
    /// `Content-Length` as sent, also where the response has no content: to HEAD, and 304.
    package let contentLength: UInt64?
    /// The server lets the connection stay open; never with ``HTTP1Framing/untilClose``.
    package let keepAlive: Bool
    /// What the server switches to or offers; `nil` when `Connection` does not say so, too.
    package let upgrade: Range<Int>?

    package var bytes: [UInt8] { section.bytes }

    package var fields: [HTTP1Field] { section.fields }

    /// 1xx other than 101: the final response is still to come.
    package var isInterim: Bool { (100...199).contains(status) && status != 101 }
}

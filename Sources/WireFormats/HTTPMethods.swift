/// The HTTP methods there are: the IANA HTTP Method Registry (RFC 9110 section 16.1), without `*`, which stands for none,
/// and PRI, which only opens an HTTP/2 connection (RFC 9113 section 3.4).
package enum HTTPMethods {
    package static let registered = [
        "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LABEL",
        "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "OPTIONS",
        "ORDERPATCH", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PUT", "QUERY", "REBIND", "REPORT", "SEARCH", "TRACE",
        "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
    ]

    private static let tokens = registered.map { Array($0.utf8) }

    /// Case matters: `get` is not a registered method.
    package static func isRegistered(_ method: Span<UInt8>) -> Bool {
        for token in tokens where method.isEqual(to: token) { return true }
        return false
    }
}

/// Names of fields that only the two ends may decide about.
enum HTTP1EndToEndFields {
    /// A `Connection` that names one of these asks for it to be dropped on the way: the server would see another
    /// request than was judged (RFC 9110 section 7.6.1). The framing fields are added by whoever asks.
    static func mustNotBeNominated(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        contains(names, bytes, name)
    }

    /// RFC 9110 section 6.5.1: framing, routing, modifiers, authentication, control data, and what says how to read the
    /// content.
    static func mustNotBeTrailer(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        contains(names, bytes, name) || contains(conditionals, bytes, name)
    }

    private static func contains(_ list: [[UInt8]], _ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        for entry in list where bytes.isEqual(name, ignoringCase: entry) { return true }
        return false
    }

    private static let names: [[UInt8]] = [
        "authorization", "www-authenticate", "authentication-info", "cookie", "set-cookie", "content-type",
        "content-encoding", "content-range", "content-location", "content-disposition", "cache-control", "pragma",
        "age", "expires", "date", "location", "retry-after", "vary", "warning", "max-forwards", "range", "origin",
        "referer", "user-agent", "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
        "x-real-ip", "x-http-method-override", "accept-encoding", "etag", "last-modified",
    ].map { Array($0.utf8) }

    private static let conditionals: [[UInt8]] = [
        "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range",
    ].map { Array($0.utf8) }
}

/// Limits of the HTTP/1 parsers. A message that hits one is refused; nothing is cut.
package struct HTTP1Limits: Sendable, Hashable {
    /// Start line and fields with their line ends. 64 KiB holds what the largest servers accept; more is 431.
    package var headBytes = 64 * 1024
    /// Request or status line without its line end; more is 414.
    package var startLineBytes = 16 * 1024
    /// Field lines of a head; more is 431.
    package var fieldCount = 128
    /// Extensions of one chunk, from the first semicolon. They are dropped, so nobody needs long ones.
    package var chunkExtensionBytes = 256
    /// Trailer fields with their line ends.
    package var trailerBytes = 8 * 1024
    package var trailerFieldCount = 32

    package init() {}

    package static let standard = HTTP1Limits()
}

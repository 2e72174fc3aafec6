package import TLSInterception

/// A piece of a decision log, and what shows that it is one: its place in the file, and digests of it and of what comes
/// before it.
package struct LogSegment: Hashable, Sendable {
    package var path: String
    package var device: UInt64
    package var inode: UInt64
    /// Of the log when it was opened, in bytes.
    package var logSize: UInt64
    /// The segment's bytes: from `start` up to, and without, `end`.
    package var start: UInt64
    package var end: UInt64
    package var lines: UInt64
    package var digest: Digest
    /// Of every byte before the segment; `nil` where there are more than the limit.
    package var digestBefore: Digest?
    /// Bytes behind the last line feed: a line that was being written.
    package var tornBytes: UInt64
    /// True where the segment begins later than was asked for, because it would be larger than the limit.
    package var isTruncated: Bool
    /// Whether the gateway has this very file open; `nil` when there is no gateway, or that cannot be seen.
    package var isOpenInGateway: Bool?
}

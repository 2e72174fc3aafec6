/// Every limit of a bundle, with what happens when it is hit. What is left out is listed in the manifest under `missing`.
/// Those of the kernel's tables are with their readers.
enum EvidenceLimits {
    /// Bytes of a log that are in memory at once.
    static let logChunkBytes = 1 << 20

    /// The most of a log that goes into a bundle, in bytes: a day of a thousand decisions a minute. Of more, the newest.
    static let segmentBytes: UInt64 = 512 << 20

    /// The most of a log that is digested for what comes before the segment, in bytes: some seconds' work. Of more, nothing.
    static let digestBeforeBytes: UInt64 = 4 << 30

    /// The most of the kill switch's journal, in bytes: some ten thousand lines. Of more, the newest.
    static let journalBytes: UInt64 = 16 << 20

    /// One seal record, in bytes; a larger one is left out.
    static let sealBytes = 64 << 10

    /// What the gateway may say of its pins, in bytes; a longer answer is left out.
    static let pinsBytes = 64 << 20

    /// Text of one string in the JSON files, in bytes; the rest is cut and marked.
    static let stringBytes = 4096
}

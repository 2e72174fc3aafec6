package import TLSInterception

/// A file of a bundle.
package struct EvidenceFile: Hashable, Sendable {
    package var name: String
    package var size: UInt64
    package var digest: Digest
    /// What it is, for people.
    package var content: String
}

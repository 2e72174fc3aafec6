/// Every bound of this target, with its unit, its source and what happens when it is hit.
package enum Limits {
    /// Certificates a peer may send, and certificates in a verified chain with its anchor. Public chains have 2 to 4.
    /// More: refused with ``UpstreamRule/chainTooLong``.
    package static let chainCertificates = 10

    /// Bytes of all certificates a peer sends together (RFC 8446 allows 16 MiB). More: refused with
    /// ``UpstreamRule/chainTooLarge``.
    package static let chainBytes = 64 * 1024

    /// Names in a chain times name constraints in it: the comparisons a verification may cost. More: refused with
    /// ``UpstreamRule/nameConstraintsTooComplex``.
    package static let nameConstraintComparisons = 1 << 16

    /// Bytes of a stapled OCSP response that are looked at. More: taken as unusable.
    package static let stapleBytes = 16 * 1024

    /// Seconds by which clocks of OCSP responders may differ from ours.
    package static let stapleClockSkewSeconds: Int64 = 300

    /// Leaves kept by a ``MintingSigner``; about 3 KiB each. The one unused for the longest time goes first.
    package static let mintedLeaves = 1024

    /// Sessions kept for resumption by a ``ClientContext``; about 1 KiB each. The one unused for the longest time goes first.
    package static let resumableSessions = 512

    /// Bytes of one session that are kept for resumption, most of them the ticket. Larger ones are not kept.
    package static let resumableSessionBytes = 8 * 1024

    /// Seconds for which a session may be resumed, whatever the server offers (RFC 8446 section 4.6.1: at most 7 days).
    package static let resumptionSeconds: Int64 = 2 * 3600

    /// Seconds for which one ticket key seals; it opens for as long again.
    package static let ticketKeySeconds: Int64 = 12 * 3600

    /// Bytes of a certificate subject that appear in messages and logs.
    package static let labelBytes = 80

    /// Bits of the largest RSA key that is verified with: time grows with the cube.
    package static let rsaBits = 8192

    /// Bytes of trust anchors in PEM that are read; the bundle of a distribution has about 220 KiB.
    package static let anchorBytes = 8 * 1024 * 1024
}

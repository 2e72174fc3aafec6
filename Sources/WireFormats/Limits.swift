/// Every limit of the decoders, with what happens when it is hit.
package enum Limits {
    /// IPv6 extension headers in a packet; more: the packet counts as malformed.
    package static let ipv6ExtensionHeaders = 8

    /// Records over all sections of a DNS message; more: malformed. A 64 KiB answer of the smallest records has 5,400.
    package static let dnsRecords = 4096

    /// Compression pointers followed in one DNS name; more: malformed (RFC 1035 section 4.1.4 sets none).
    package static let dnsPointers = 16

    /// Bytes of a ClientHello over all its records; more: malformed. Post-quantum hellos are about 1.8 KiB.
    package static let clientHelloBytes = 64 * 1024
}

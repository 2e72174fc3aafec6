/// Every limit of the decoders, with what happens when it is hit.
package enum Limits {
    /// IPv6 extension headers in a packet; more: the packet counts as malformed.
    package static let ipv6ExtensionHeaders = 8

    /// Records over all sections of a DNS message; more: malformed. A 64 KiB answer of the smallest records has 5,400.
    package static let dnsRecords = 4096

    /// Compression pointers followed in one DNS name; more: malformed (RFC 1035 section 4.1.4 sets none).
    package static let dnsPointers = 16

    /// Bytes of one query over TCP; more, or fewer than a header has: the connection ends. A query with the longest name
    /// and every option that clients send (RFC 7830 pads to 128 bytes) stays under 600.
    package static let dnsStreamQueryBytes = 4096

    /// Names that an answer leads over to its addresses (CNAME); more: the answer is empty.
    package static let dnsAliases = 16

    /// Service binding records of one answer that are read; the rest are left out.
    package static let dnsServiceBindings = 32

    /// Bytes of a ClientHello over all its records; more: malformed. Post-quantum hellos are about 1.8 KiB.
    package static let clientHelloBytes = 64 * 1024
}

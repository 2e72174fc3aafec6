/// Ports that encrypted DNS has to itself. What runs on port 443 is known by its host, or by what is said.
package enum EncryptedDNSPort {
    /// DNS over TLS (RFC 7858).
    static func isStream(_ port: UInt16) -> Bool { port == 853 }

    /// DNS over DTLS (RFC 8094) and QUIC (RFC 9250), with the ports of QUIC's drafts.
    package static func isDatagram(_ port: UInt16) -> Bool { port == 853 || port == 784 || port == 8853 }
}

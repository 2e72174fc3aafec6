internal import WireFormats

extension CertificateRules {
    func checkLeaf(_ certificate: Certificate) throws {
        if let constraints = try certificate.basicConstraints() {
            guard !constraints.isAuthority else { throw UpstreamRule.leafIsAuthority }
            guard constraints.pathLength == nil else { throw UpstreamRule.inconsistentAuthority }
        }
        if let usage = try certificate.keyUsage(), usage.contains(.keyCertSign) { throw UpstreamRule.leafMaySignCertificates }
        guard certificate.first(.nameConstraints) == nil else { throw UpstreamRule.leafHasNameConstraints }
        guard try certificate.authorityKeyIdentifier()?.keyIdentifier != nil else {
            throw UpstreamRule.authorityKeyIdentifierMissing
        }
        _ = try certificate.subjectKeyIdentifier()
        try checkPurposes(of: certificate)
        try checkAlternativeNames(of: certificate)
        try certificate.checkFormOfInformation()
        _ = try certificate.mustStaple()
    }

    private func checkPurposes(of certificate: Certificate) throws {
        guard let purposes = try certificate.extendedKeyUsage() else {
            // RFC 5280 section 4.2.1.12 lets it be missing, CA/B BR 7.1.2.7.10 does not.
            guard !isPublic else { throw UpstreamRule.serverPurposeMissing }
            return
        }
        guard purposes.contains(.serverAuth) else { throw UpstreamRule.serverPurposeMissing }
        guard isPublic else { return }
        guard !purposes.contains(.anyExtendedKeyUsage) else { throw UpstreamRule.wrongPurpose }
        guard certificate.first(.extendedKeyUsage)?.isCritical == false else { throw UpstreamRule.extensionMustNotBeCritical }
    }

    private func checkAlternativeNames(of certificate: Certificate) throws {
        guard let found = certificate.first(.subjectAltName) else { throw UpstreamRule.noAlternativeNames }
        guard let names = try? certificate.subjectAltNames(), !names.isEmpty, names.allSatisfy({ isWellFormed($0) }) else {
            throw UpstreamRule.malformedAlternativeName
        }
        // RFC 5280 section 4.2.1.6: without a subject the names are all there is, so nobody may skip them.
        guard !certificate.subject.isEmpty || found.isCritical else { throw UpstreamRule.extensionMustBeCritical }
        guard isPublic else { return }
        guard certificate.subject.isEmpty || !found.isCritical else { throw UpstreamRule.extensionMustNotBeCritical }
        for name in certificate.subject.commonNames where Self.readsAsHost(name) && !Self.contains(name, in: names) {
            throw UpstreamRule.commonNameNotAlternative
        }
    }

    private func isWellFormed(_ name: GeneralName) -> Bool {
        switch name {
        case .dns(let bytes): DNSNamePattern(bytes, allowsUnderscore: !isPublic) != nil
        case .address(let bytes): bytes.count == 4 || bytes.count == 16
        case .email(let bytes): Self.isMailbox(bytes)
        case .uri(let bytes): !bytes.isEmpty && bytes.allSatisfy { (0x21...0x7e).contains($0) }
        case .directory, .other: true
        }
    }

    /// `local@host` in ASCII (RFC 5280 section 4.2.1.6).
    private static func isMailbox(_ bytes: [UInt8]) -> Bool {
        guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }), let at = bytes.lastIndex(of: UInt8(ascii: "@")), at > 0,
            let host = DNSNamePattern(Array(bytes[(at + 1)...]), allowsUnderscore: false)
        else { return false }
        return !host.isWildcard && !bytes[..<at].contains(UInt8(ascii: "@"))
    }

    /// Whether a common name looks like a host name or address, and so has to be among the alternative names. Plain words do not.
    private static func readsAsHost(_ name: [UInt8]) -> Bool {
        name.contains(UInt8(ascii: ".")) || name.contains(UInt8(ascii: ":")) || name.starts(with: Array("0x".utf8))
            || name.contains { $0 >= 0x80 }
    }

    /// CA/B BR 7.1.4.3: a copy of the dNSName character for character, or the address in its canonical form.
    private static func contains(_ commonName: [UInt8], in names: [GeneralName]) -> Bool {
        names.contains { name in
            switch name {
            case .dns(let bytes): bytes == commonName
            case .address(let bytes): Array(address(bytes)?.description.utf8 ?? "".utf8) == commonName
            case .email, .uri, .directory, .other: false
            }
        }
    }

    /// The address in an iPAddress of 4 or 16 bytes.
    static func address(_ bytes: [UInt8]) -> IPAddress? {
        switch bytes.count {
        case 4: IPAddress(.v4, in: bytes.span, at: 0)
        case 16: IPAddress(.v6, in: bytes.span, at: 0)
        default: nil
        }
    }

    /// RFC 6125 section 6: dNSName for names, iPAddress for addresses, and the common name for nothing.
    func speaks(_ certificate: Certificate, for identity: ServerIdentity) -> Bool {
        guard let names = try? certificate.subjectAltNames() else { return false }
        return names.contains { name in
            switch (name, identity) {
            case (.dns(let bytes), .name(let host)):
                DNSNamePattern(bytes, allowsUnderscore: !isPublic)?.matches(host) ?? false
            case (.address(let bytes), .address(let address)): bytes == address.bytes
            default: false
            }
        }
    }
}

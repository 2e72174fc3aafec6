extension CertificateRules {
    func checkIntermediate(_ certificate: Certificate) throws {
        guard let constraints = try certificate.basicConstraints() else { throw UpstreamRule.basicConstraintsMissing }
        guard constraints.isAuthority else { throw UpstreamRule.notAnAuthority }
        guard certificate.first(.basicConstraints)?.isCritical == true else { throw UpstreamRule.extensionMustBeCritical }
        guard let usage = try certificate.keyUsage(), usage.contains(.keyCertSign) else {
            throw UpstreamRule.mayNotSignCertificates
        }
        guard try certificate.subjectKeyIdentifier() != nil else { throw UpstreamRule.subjectKeyIdentifierMissing }
        guard try certificate.authorityKeyIdentifier()?.keyIdentifier != nil else {
            throw UpstreamRule.authorityKeyIdentifierMissing
        }
        if let purposes = try certificate.extendedKeyUsage() {
            guard purposes.contains(.serverAuth) || purposes.contains(.anyExtendedKeyUsage) else { throw UpstreamRule.wrongPurpose }
        }
        try checkNameConstraints(of: certificate)
        try checkAlternativeNamesOfAuthority(certificate)
        try certificate.checkFormOfInformation()
    }

    func checkAnchor(_ certificate: Certificate) throws {
        guard let constraints = try certificate.basicConstraints() else { throw UpstreamRule.basicConstraintsMissing }
        guard constraints.isAuthority else { throw UpstreamRule.notAnAuthority }
        if let usage = try certificate.keyUsage(), !usage.contains(.keyCertSign) { throw UpstreamRule.inconsistentAuthority }
        try checkNameConstraints(of: certificate)
        if let purposes = try certificate.extendedKeyUsage() {
            guard !isPublic, purposes.contains(.serverAuth) || purposes.contains(.anyExtendedKeyUsage) else {
                throw UpstreamRule.wrongPurpose
            }
        }
        if isPublic, !LegacyRoots.fingerprints.contains(Digest(of: certificate.der)) { try checkFormOfAnchor(certificate) }
    }

    /// CA/B BR 7.1.2.1; operators may trust what they like.
    private func checkFormOfAnchor(_ certificate: Certificate) throws {
        guard certificate.first(.basicConstraints)?.isCritical == true else { throw UpstreamRule.extensionMustBeCritical }
        guard let own = try certificate.subjectKeyIdentifier() else { throw UpstreamRule.subjectKeyIdentifierMissing }
        let authority = try certificate.authorityKeyIdentifier()
        if let authority {
            guard !authority.namesIssuerCertificate, let identifier = authority.keyIdentifier,
                !certificate.isSelfIssued || identifier == own
            else { throw UpstreamRule.authorityKeyIdentifierForm }
        } else if !certificate.isSelfIssued {
            throw UpstreamRule.authorityKeyIdentifierMissing
        }
    }

    /// RFC 5280 section 4.2.1.10. OpenSSL has applied them already, however it read a malformed one.
    private func checkNameConstraints(of certificate: Certificate) throws {
        guard certificate.first(.nameConstraints) != nil else { return }
        guard let constraints = try? certificate.nameConstraints() else { throw UpstreamRule.malformedNameConstraint }
        for base in constraints.permitted + constraints.excluded where !isWellFormed(constraint: base) {
            throw UpstreamRule.malformedNameConstraint
        }
    }

    private func isWellFormed(constraint: GeneralName) -> Bool {
        switch constraint {
        case .dns(let name):
            if name.isEmpty { return true }
            // A leading dot is no dNSName, but means "subdomains only" to OpenSSL and to many who run their own authority.
            let rest = !isPublic && name.first == UInt8(ascii: ".") ? Array(name.dropFirst()) : name
            guard let pattern = DNSNamePattern(rest, allowsUnderscore: !isPublic) else { return false }
            return !pattern.isWildcard
        case .address(let bytes):
            guard bytes.count == 8 || bytes.count == 32 else { return false }
            // The mask is a run of ones and a run of zeros (RFC 4632 section 3.1).
            let mask = bytes[(bytes.count / 2)...]
            let rest = mask.drop { $0 == 0xff }
            guard let border = rest.first else { return true }
            return (~border & (~border &+ 1)) == 0 && rest.dropFirst().allSatisfy { $0 == 0 }
        case .email(let name):
            // A mailbox, a host, or a domain with a leading dot.
            let host = name.lastIndex(of: UInt8(ascii: "@")).map { Array(name[($0 + 1)...]) } ?? name
            let rest = host.first == UInt8(ascii: ".") ? Array(host.dropFirst()) : host
            return DNSNamePattern(rest, allowsUnderscore: true).map { !$0.isWildcard } ?? false
        case .uri(let name):
            let rest = name.first == UInt8(ascii: ".") ? Array(name.dropFirst()) : name
            return DNSNamePattern(rest, allowsUnderscore: true).map { !$0.isWildcard } ?? false
        case .directory, .other:
            return true
        }
    }

    private func checkAlternativeNamesOfAuthority(_ certificate: Certificate) throws {
        guard let names = try certificate.subjectAltNames() else { return }
        guard !names.isEmpty else { throw UpstreamRule.malformedAlternativeName }
    }
}

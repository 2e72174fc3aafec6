extension Certificate {
    struct BasicConstraints: Hashable, Sendable {
        let isAuthority: Bool
        /// Intermediates that may follow.
        let pathLength: Int?
    }

    struct AuthorityKeyIdentifier: Hashable, Sendable {
        let keyIdentifier: [UInt8]?
        let namesIssuerCertificate: Bool
    }

    /// `nil` without the extension (RFC 5280 section 4.2.1.9).
    func basicConstraints() throws(DERError) -> BasicConstraints? {
        guard var reader = try contents(.basicConstraints) else { return nil }
        let isAuthority = reader.nextTag == DERTag.boolean ? try reader.readBoolean() : false
        let pathLength = reader.isAtEnd ? nil : try reader.readSmallInteger()
        try reader.expectEnd()
        return BasicConstraints(isAuthority: isAuthority, pathLength: pathLength)
    }

    /// `nil` without the extension (RFC 5280 section 4.2.1.3).
    func keyUsage() throws(DERError) -> KeyUsage? {
        guard let found = first(.keyUsage) else { return nil }
        var reader = DERReader(found.value)
        let bits = try reader.read(DERTag.bitString)
        try reader.expectEnd()
        let usage = try KeyUsage(content: reader.content(of: bits))
        guard !usage.isEmpty else { throw .invalid("KeyUsage") }
        return usage
    }

    /// `nil` without the extension (RFC 5280 section 4.2.1.12).
    func extendedKeyUsage() throws(DERError) -> [ObjectIdentifier]? {
        guard var reader = try contents(.extendedKeyUsage) else { return nil }
        var purposes: [ObjectIdentifier] = []
        while !reader.isAtEnd {
            purposes.append(ObjectIdentifier(octets: Array(reader.content(of: try reader.read(DERTag.objectIdentifier)))))
        }
        guard !purposes.isEmpty else { throw .invalid("ExtKeyUsage") }
        return purposes
    }

    /// `nil` without the extension (RFC 5280 section 4.2.1.6). The list may be empty.
    func subjectAltNames() throws(DERError) -> [GeneralName]? {
        guard let reader = try contents(.subjectAltName) else { return nil }
        return try GeneralName.list(reader)
    }

    /// `nil` without the extension (RFC 5280 section 4.2.1.10).
    func nameConstraints() throws(DERError) -> NameConstraints? {
        try first(.nameConstraints).map { found throws(DERError) in try NameConstraints(value: found.value) }
    }

    /// `nil` without the extension (RFC 5280 section 4.2.1.2).
    func subjectKeyIdentifier() throws(DERError) -> [UInt8]? {
        guard let found = first(.subjectKeyIdentifier) else { return nil }
        var reader = DERReader(found.value)
        let octets = try reader.read(DERTag.octetString)
        try reader.expectEnd()
        guard !octets.content.isEmpty else { throw .invalid("SubjectKeyIdentifier") }
        return Array(reader.content(of: octets))
    }

    /// `nil` without the extension (RFC 5280 section 4.2.1.1).
    func authorityKeyIdentifier() throws(DERError) -> AuthorityKeyIdentifier? {
        guard var reader = try contents(.authorityKeyIdentifier) else { return nil }
        let key = try reader.readIfPresent(DERTag.context(0))
        let issuer = try reader.readIfPresent(DERTag.constructedContext(1))
        let serial = try reader.readIfPresent(DERTag.context(2))
        try reader.expectEnd()
        // The issuer's name and serial number come together or not at all.
        guard (issuer == nil) == (serial == nil) else { throw .invalid("AuthorityKeyIdentifier") }
        return AuthorityKeyIdentifier(
            keyIdentifier: key.map { Array(reader.content(of: $0)) }, namesIssuerCertificate: issuer != nil)
    }

    /// Whether the site promises a stapled OCSP response in every handshake (RFC 7633: feature 5, status_request).
    func mustStaple() throws(DERError) -> Bool {
        guard var reader = try contents(.tlsFeature) else { return false }
        var promised = false
        while !reader.isAtEnd {
            if try reader.readSmallInteger() == 5 { promised = true }
        }
        return promised
    }

    /// Reads the extensions whose meaning is not needed, for their form alone (RFC 5280 sections 4.2.1.4, 4.2.1.13, 4.2.2.1).
    func checkFormOfInformation() throws(DERError) {
        if var reader = try contents(.authorityInformationAccess) {
            guard !reader.isAtEnd else { throw .invalid("AuthorityInfoAccess") }
            while !reader.isAtEnd {
                var description = try reader.enter(DERTag.sequence)
                _ = try description.read(DERTag.objectIdentifier)
                _ = try GeneralName(from: &description)
                try description.expectEnd()
            }
        }
        for identifier in [ObjectIdentifier.crlDistributionPoints, .certificatePolicies] {
            guard var reader = try contents(identifier) else { continue }
            guard !reader.isAtEnd else { throw .invalid("extension") }
            while !reader.isAtEnd { _ = try reader.enter(DERTag.sequence) }
        }
    }

    /// The rule broken by an extension that appears twice or cannot be read at all; `nil` when there is none.
    var unreadableExtension: UpstreamRule? {
        guard Set(extensions.map(\.identifier)).count == extensions.count else { return .duplicateExtension }
        do { _ = try subjectAltNames() } catch { return .malformedAlternativeName }
        do { _ = try nameConstraints() } catch { return .malformedNameConstraint }
        do {
            _ = try basicConstraints()
            _ = try keyUsage()
            _ = try extendedKeyUsage()
            _ = try subjectKeyIdentifier()
            _ = try authorityKeyIdentifier()
            try checkFormOfInformation()
        } catch {
            return .malformedExtension
        }
        return nil
    }

    /// A reader inside the one SEQUENCE that an extension's value is.
    private func contents(_ identifier: ObjectIdentifier) throws(DERError) -> DERReader? {
        guard let found = first(identifier) else { return nil }
        var outer = DERReader(found.value)
        let inside = try outer.enter(DERTag.sequence)
        try outer.expectEnd()
        return inside
    }
}

package import WireFormats

extension CompiledPolicy {
    /// May requests to this host carry DNS messages? Only when it is a known resolver and a rule names exactly it: a host
    /// that is allowed for something else must not turn out to resolve names, too.
    package func namesEncryptedResolver(_ host: HostName) -> Bool {
        guard EncryptedResolvers.entry(covering: host) != nil else { return false }
        var isNamed = false
        hosts.forEachEntry(covering: host) { entry in
            isNamed = entry.allow.contains { $0.pattern == .exact(host) }
            // The exact name comes first.
            return false
        }
        return isNamed
    }

    /// The denial of a known resolver that only broader rules cover.
    ///
    /// - Parameter rule: an allow rule that covers `name`.
    func encryptedResolverDenial(_ name: HostName, coveredBy rule: HostRule) -> Denial? {
        guard EncryptedResolvers.entry(covering: name) != nil else { return nil }
        var isOpened = false
        hosts.forEachEntry(covering: name) { entry in
            isOpened = entry.allow.contains(where: \.opensEncryptedResolvers)
            return !isOpened
        }
        guard !isOpened else { return nil }
        return Denial(reason: .dnsEncrypted, origin: rule.origin, subject: name.text, remedy: .host(name))
    }
}

extension HostRule {
    /// True for an exact name, and for a wildcard right below a resolver's own name.
    fileprivate var opensEncryptedResolvers: Bool {
        switch pattern {
        case .exact: true
        case .below(let base): EncryptedResolvers.entry(covering: base) != nil
        }
    }
}

package import WireFormats

extension CompiledPolicy {
    /// The explicit rule that opens an address, unless a deny rule closes it. Allocates nothing: it is asked for every
    /// first packet, most of which go to addresses of names.
    package func addressApproval(_ address: IPAddress, port: UInt16) -> Approved? {
        guard !isMissing, denyRule(covering: address, port: port) == nil else { return nil }
        var allowed: AddressRule?
        addresses.forEachRule(covering: address.unmapped) { rule in
            guard rule.effect == .allow, rule.covers(port: port) else { return true }
            allowed = rule
            return false
        }
        return allowed.map { Approved(origin: $0.origin, inspection: .direct) }
    }

    /// May a flow be opened to an address that no allowed name was resolved to?
    ///
    /// - Parameter port: the destination port in host order.
    package func addressVerdict(_ address: IPAddress, port: UInt16) -> Verdict {
        let address = address.unmapped
        let subject = { address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)" }
        guard !isMissing else { return missing(subject()) }
        if let rule = denyRule(covering: address, port: port) {
            return .deny(Denial(reason: .ipDenied, origin: rule.origin, isByDenyRule: true, subject: subject()))
        }
        if let approved = addressApproval(address, port: port) { return .allow(approved) }
        var nearest: AddressRule?
        addresses.forEachRule(covering: address) { rule in
            guard rule.effect == .allow else { return true }
            nearest = rule
            return false
        }
        // An address that is not public stays refused for that, whatever is spoken there.
        let isPublic = ForbiddenRanges.classify(address) == nil
        let reason: Reason =
            isPublic && EncryptedDNSPort.isStream(port)
            ? .dnsEncrypted : nearest != nil ? .ipPortNotAllowed : isPublic ? .ipNotResolved : .ipPrivate
        return .deny(
            Denial(reason: reason, origin: nearest?.origin, subject: subject(), remedy: .address(address, port: port)))
    }

    /// May a flow be opened to an address that an allowed name was resolved to? The name's rules decide, unless the
    /// address is denied, or is none that names may lead to: rules may have changed since it was resolved.
    ///
    /// - Parameter port: the destination port in host order.
    package func flowVerdict(host: HostName, address: IPAddress, port: UInt16) -> Verdict {
        guard !isMissing else { return missing(CompiledPolicy.authority(host, port)) }
        let subject = { "\(CompiledPolicy.authority(host, port)) at \(address)" }
        if let rule = denyRule(covering: address, port: port) {
            return .deny(Denial(reason: .ipDenied, origin: rule.origin, isByDenyRule: true, subject: subject()))
        }
        if isForbidden(address, port: port) != nil {
            return .deny(Denial(reason: .ipPrivate, subject: subject(), remedy: .address(address.unmapped, port: port)))
        }
        return flowVerdict(host: host, port: port, step: .address)
    }

    /// What keeps a name from leading to this address: its class, or `nil` for an ordinary public address and for one
    /// that an explicit rule opens.
    ///
    /// - Parameter port: `nil` for the answer to a DNS query, which is for all ports; the flow is asked about again, so
    ///   that a rule for one port of an inside address opens no other to whoever controls a name.
    package func isForbidden(_ address: IPAddress, port: UInt16? = nil) -> AddressClass? {
        guard let kind = ForbiddenRanges.classify(address) else { return nil }
        var isOpened = false
        var isClosed = false
        addresses.forEachRule(covering: address.unmapped) { rule in
            switch rule.effect {
            case .allow: if port.map(rule.covers(port:)) ?? true { isOpened = true }
            // A deny rule for some ports is judged when a flow is opened; one for all ports closes the address.
            case .deny: isClosed = rule.ports == nil
            }
            return !isClosed
        }
        return isOpened && !isClosed ? nil : kind
    }

    /// The deny rule that covers an address, or an IPv4 address that it carries inside: a translated form is no way
    /// around a rule.
    package func denyRule(covering address: IPAddress, port: UInt16) -> AddressRule? {
        let embedded = ForbiddenRanges.embeddedV4(in: address)
        return denyRule(for: address.unmapped, port) ?? embedded.first.flatMap { denyRule(for: $0, port) }
            ?? embedded.second.flatMap { denyRule(for: $0, port) }
    }

    private func denyRule(for address: IPAddress, _ port: UInt16) -> AddressRule? {
        var found: AddressRule?
        addresses.forEachRule(covering: address) { rule in
            guard rule.effect == .deny, rule.covers(port: port) else { return true }
            found = rule
            return false
        }
        return found
    }
}

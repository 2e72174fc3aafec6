package import WireFormats

extension CompiledPolicy {
    /// May this name be resolved? Yes when any allow rule covers it, whatever its ports, methods and paths, and no deny
    /// rule that names nothing but the host does.
    package func nameVerdict(_ name: HostName) -> Verdict {
        guard !isMissing else { return missing(name.text) }
        var allowed: HostRule?
        var denied: HostRule?
        hosts.forEachEntry(covering: name) { entry in
            for rule in entry.deny where rule.isUnconditional {
                denied = rule
                return false
            }
            if allowed == nil { allowed = entry.allow.first }
            return true
        }
        if let denied {
            return .deny(Denial(reason: .dnsNameDenied, origin: denied.origin, isByDenyRule: true, subject: name.text))
        }
        guard let allowed else {
            return .deny(Denial(reason: .dnsNameNotAllowed, subject: name.text, remedy: .host(name)))
        }
        if let denial = encryptedResolverDenial(name, coveredBy: allowed) { return .deny(denial) }
        return .allow(Approved(origin: allowed.origin, inspection: allowed.inspection))
    }

    /// May a flow be opened to this name and port? Methods and paths are judged later, request by request.
    ///
    /// - Parameters:
    ///   - port: the destination port in host order.
    ///   - step: what the name is known from.
    package func flowVerdict(host: HostName, port: UInt16, step: FlowStep = .serverName) -> Verdict {
        guard !isMissing else { return missing(CompiledPolicy.authority(host, port)) }
        var allowed: HostRule?
        var nearest: HostRule?
        var denied: HostRule?
        var deniesRequests = false
        hosts.forEachEntry(covering: host) { entry in
            for rule in entry.deny where rule.covers(port: port) {
                guard rule.methods == nil, rule.paths.isEmpty else {
                    deniesRequests = true
                    continue
                }
                denied = rule
                return false
            }
            if allowed == nil {
                // Of rules for one pattern the one without inspection opens the most, whatever file it comes from.
                allowed = entry.allow.first { $0.inspection == .sni && $0.covers(port: port) }
                    ?? entry.allow.first { $0.covers(port: port) }
            }
            if nearest == nil { nearest = entry.allow.first }
            return true
        }
        let subject = { CompiledPolicy.authority(host, port) }
        if let denied {
            let reason: Reason =
                denied.ports != nil ? .ipPortNotAllowed : step == .address ? .dnsNameDenied : .tlsSNINotAllowed
            return .deny(Denial(reason: reason, origin: denied.origin, isByDenyRule: true, subject: subject()))
        }
        if let allowed {
            // Requests that a rule forbids can only be found by reading them.
            return .allow(
                Approved(origin: allowed.origin, inspection: deniesRequests ? .full : allowed.inspection))
        }
        if nearest != nil, EncryptedDNSPort.isStream(port) {
            let remedy = PolicyLine.uninspectedHost(host, port: port)
            return .deny(Denial(reason: .dnsEncrypted, origin: nearest?.origin, subject: subject(), remedy: remedy))
        }
        let reason: Reason =
            nearest != nil ? .ipPortNotAllowed : step == .address ? .dnsNameNotAllowed : .tlsSNINotAllowed
        return .deny(Denial(reason: reason, origin: nearest?.origin, subject: subject(), remedy: .host(host, port: port)))
    }

    /// How many dictionary lookups a verdict on `name` takes.
    package func lookupCount(for name: HostName) -> Int { hosts.forEachEntry(covering: name) { _ in true } }

    /// `host`, or `host:port` for a port other than 443 and 80.
    static func authority(_ host: HostName, _ port: UInt16) -> String {
        PortSet.web.contains(port) ? host.text : "\(host.text):\(port)"
    }
}

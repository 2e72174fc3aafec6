package import WireFormats

extension CompiledPolicy {
    /// May this request be sent? Asked once per request, after the flow has been allowed.
    ///
    /// - Parameters:
    ///   - host: the authority, already found equal to the flow's server name.
    ///   - port: the destination port in host order.
    ///   - method: as on the wire; case matters.
    ///   - path: the path of the target, without query. Looked at only where rules of the host have paths.
    package func requestVerdict(host: HostName, port: UInt16, method: Span<UInt8>, path: Span<UInt8>) -> Verdict {
        guard !isMissing else { return missing(CompiledPolicy.subject(host, port, method, path)) }
        var match = RequestMatch()
        hosts.forEachEntry(covering: host) { entry in
            match.take(entry, port: port, method: method, path: path)
        }
        if let rule = match.denied {
            let reason: Reason =
                !rule.paths.isEmpty
                ? .httpPathNotAllowed
                : rule.methods != nil ? .httpMethodNotAllowed : rule.ports != nil ? .ipPortNotAllowed : .httpHostNotAllowed
            return .deny(
                Denial(
                    reason: reason, origin: rule.origin, isByDenyRule: true,
                    subject: CompiledPolicy.subject(host, port, method, path)))
        }
        if match.isAmbiguous {
            return .deny(
                Denial(
                    reason: .httpPathAmbiguous, origin: match.pathRule?.origin,
                    subject: CompiledPolicy.subject(host, port, method, path)))
        }
        if let rule = match.allowed { return .allow(Approved(origin: rule.origin, inspection: rule.inspection)) }
        let subject = CompiledPolicy.subject(host, port, method, path)
        guard let (rule, progress) = match.nearest else {
            return .deny(Denial(reason: .httpHostNotAllowed, subject: subject, remedy: .host(host, port: port)))
        }
        let reason: Reason =
            switch progress {
            case .host: .ipPortNotAllowed
            case .port: .httpMethodNotAllowed
            case .method, .path: .httpPathNotAllowed
            }
        return .deny(
            Denial(
                reason: reason, origin: rule.origin, subject: subject,
                remedy: CompiledPolicy.remedy(host, port, method, match.path, nearest: rule)))
    }

    package func requestVerdict(host: HostName, port: UInt16, method: String, path: String) -> Verdict {
        let method = Array(method.utf8)
        let path = Array(path.utf8)
        return requestVerdict(host: host, port: port, method: method.span, path: path.span)
    }

    /// As narrow as the rule that came nearest: it gets a method if that had methods, a path if that had paths.
    private static func remedy(
        _ host: HostName, _ port: UInt16, _ method: Span<UInt8>, _ path: RequestPath?, nearest: HostRule
    ) -> PolicyLine? {
        guard nearest.methods != nil || !nearest.paths.isEmpty else { return .host(host, port: port) }
        // A line that the loader would refuse helps nobody.
        guard HTTPMethods.isRegistered(method) else { return nil }
        var pathText: String?
        if !nearest.paths.isEmpty {
            guard let path, path.normal.count <= PolicyLimits.remedyPathBytes else { return nil }
            let text = String(decoding: path.normal, as: UTF8.self)
            guard (try? PathPattern(text)) != nil else { return nil }
            pathText = text
        }
        return .request(
            host, port: port, method: TextSafety.printable(method, limitBytes: 64), path: pathText)
    }

    private static func subject(_ host: HostName, _ port: UInt16, _ method: Span<UInt8>, _ path: Span<UInt8>) -> String {
        TextSafety.printable(method, limitBytes: 32) + " " + authority(host, port)
            + TextSafety.printable(path, limitBytes: PolicyLimits.denialSubjectBytes)
    }
}

internal import Policy
internal import WireFormats

/// What resolvers answer.
extension NameGuard {
    mutating func resolverAnswered(
        _ bytes: Span<UInt8>, token: UInt32, pins: inout PinTable, at now: Timestamp, answers: inout [UInt8]
    ) -> ResolverOutcome {
        guard let waiting = pending[token],
            let answer = DNSAnswer.parse(bytes, to: waiting.query, identifier: waiting.identifier)
        else { return .ignore }
        if answer.isTruncated, !waiting.isAskedOverTCP, wantsAll(of: answer, waiting) {
            pending[token]?.isAskedOverTCP = true
            return .askOverTCP
        }
        guard answer.responseCode == DNSResponse.noError || answer.responseCode == DNSResponse.noSuchName else {
            return .askNext("the resolver answered code \(answer.responseCode)")
        }
        pending[token] = nil
        return outcome(release(answer, to: waiting, pins: &pins, at: now, answers: &answers))
    }

    mutating func resolverFailed(token: UInt32, detail: String, answers: inout [UInt8]) -> ResolverOutcome {
        guard let waiting = pending.removeValue(forKey: token) else { return .ignore }
        let denial = Denial(reason: .dnsUpstreamFailed, subject: waiting.query.name.text)
        return outcome(refuse(waiting, denial, code: DNSResponse.serverFailure, detail: detail, answers: &answers))
    }

    /// A datagram holds no more than the resolver's did: who wants the rest asks again over TCP.
    private func wantsAll(of answer: DNSAnswer, _ waiting: Pending) -> Bool {
        guard !answer.addresses.isEmpty || !answer.services.isEmpty else { return true }
        switch waiting.path {
        case .datagram: return false
        case .stream: return true
        }
    }

    private mutating func release(
        _ answer: DNSAnswer, to asked: Pending, pins: inout PinTable, at now: Timestamp, answers: inout [UInt8]
    ) -> NameOutcome {
        var waiting = asked
        let name = waiting.query.name
        let lifetime = min(answer.timeToLive, Limits.answerLifetimeSeconds)
        let kept = answer.addresses.filter { policy.isForbidden($0) == nil }
        if kept.isEmpty, let first = answer.addresses.first {
            let denial = Denial(reason: .dnsAnswerPrivate, subject: "\(name) (\(first))")
            return refuse(waiting, denial, code: DNSResponse.noError, answers: &answers)
        }
        let services = answer.services.compactMap { filtered($0, for: name) }
        if let excess = budget.hear(kept, services, for: name, at: now),
            let refusal = refuse(&waiting, excess, answers: &answers)
        {
            return refusal
        }
        guard pins.pin(kept + services.flatMap(\.hints), to: name, for: agent, timeToLive: lifetime, at: now) else {
            return refuse(
                waiting, Denial(reason: .ipTooManyFlows, subject: name.text), code: DNSResponse.serverFailure,
                answers: &answers)
        }
        // The owner does without where a limit forbids these.
        for owner in targets.owners(of: name, at: now) {
            _ = pins.pin(kept, to: owner, for: agent, timeToLive: lifetime, at: now)
        }
        for target in services.compactMap(\.target) { follow(target, from: name, lifetime, pins: &pins, at: now) }
        // A part would be given in the place of the whole.
        if !answer.isTruncated { keep(kept, for: asked, lifetime, at: now) }
        let response = DNSResponse(
            responseCode: answer.responseCode, addresses: kept, services: services,
            timeToLive: kept.isEmpty && services.isEmpty ? 0 : lifetime,
            // Over TCP there is no longer one to ask for.
            isPartial: answer.isTruncated && !waiting.isAskedOverTCP)
        let decision = allowed(waiting, detail: Self.removed(from: answer, kept, services))
        return self.answer(waiting, response, decision, answers: &answers)
    }

    /// - Parameter lifetime: in seconds, as the agent was told.
    private mutating func keep(_ addresses: [IPAddress], for asked: Pending, _ lifetime: UInt32, at now: Timestamp) {
        guard !addresses.isEmpty else { return }
        // Of budgets each later answer is judged anew: what is waived for this one is not part of the entry.
        var again = asked
        again.observed = nil
        guard deny(&again) == nil else { return }
        let entry = AnswerCache.Entry(
            addresses: addresses, decision: allowed(again, detail: Self.fromTheCache),
            domain: PublicSuffix.registrableDomain(of: asked.query.name),
            expiry: now.advanced(bySeconds: UInt64(lifetime)))
        cache.keep(entry, for: asked.name.span, hash: asked.hash, asked.query.type, at: now)
    }

    /// A service binding as it may be handed on: without `ech`, with no address, port, protocol or name that the policy
    /// would refuse afterwards.
    ///
    /// - Returns: `nil` when nothing that can be used is left.
    private func filtered(_ binding: DNSServiceBinding, for name: HostName) -> DNSServiceBinding? {
        var kept = binding
        if let target = binding.target {
            if target == name { kept.target = nil } else if !policy.nameVerdict(target).isAllowed { return nil }
        }
        guard binding.priority > 0 else { return kept.target == nil && binding.target != nil ? nil : kept }
        if let port = binding.port, !policy.flowVerdict(host: name, port: port).isAllowed { kept.port = nil }
        let allowsQUIC = forwards && isUninspected(name, port: kept.port ?? 443)
        kept.protocols = binding.protocols.filter { Self.isStreamProtocol($0) || allowsQUIC && Self.isQUIC($0) }
        kept.hints = binding.hints.filter { policy.isForbidden($0) == nil }
        return kept.isConsistent ? kept : nil
    }

    private func isUninspected(_ name: HostName, port: UInt16) -> Bool {
        guard case .allow(let approved) = policy.flowVerdict(host: name, port: port) else { return false }
        return approved.inspection == .sni
    }

    private static let streamProtocols = ["h2", "http/1.1"].map { Array($0.utf8) }

    private static func isStreamProtocol(_ name: [UInt8]) -> Bool { streamProtocols.contains(name) }

    /// `h3`, and its drafts `h3-29` and so on.
    private static func isQUIC(_ name: [UInt8]) -> Bool {
        guard name.starts(with: "h3".utf8), name.count <= 5 else { return false }
        return name.count == 2 || name[2] == UInt8(ascii: "-") && name.dropFirst(3).allSatisfy { (0x30...0x39).contains($0) }
    }

    /// The target's addresses serve the owner: those that the agent has already, and those to come.
    private mutating func follow(
        _ target: HostName, from owner: HostName, _ lifetime: UInt32, pins: inout PinTable, at now: Timestamp
    ) {
        targets.add(target, for: owner, timeToLive: lifetime, at: now)
        for type in [DNSRecordType.a, .aaaa] {
            guard let known = cache.answer(for: target, type, at: now) else { continue }
            _ = pins.pin(known.entry.addresses, to: owner, for: agent, timeToLive: known.timeToLive, at: now)
        }
    }

    private static func removed(
        from answer: DNSAnswer, _ kept: [IPAddress], _ services: [DNSServiceBinding]
    ) -> String? {
        let (addresses, records) = (answer.addresses.count - kept.count, answer.services.count - services.count)
        if addresses > 0 { return "\(addresses) private or special addresses removed" }
        return records > 0 ? "\(records) service bindings removed" : nil
    }

    private func outcome(_ outcome: NameOutcome) -> ResolverOutcome {
        guard case .reply(let reply, let decision) = outcome else { return .ignore }
        return .answer(reply, decision)
    }
}

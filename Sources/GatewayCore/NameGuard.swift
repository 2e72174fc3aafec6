internal import Policy
internal import WireFormats

/// Judges DNS queries and filters what resolvers answer.
///
/// Only address questions about allowed names are asked of a resolver, in a message of our own making; only addresses
/// that an agent may connect to come back, pinned before they are released, in a message of our own making. HTTPS and
/// SVCB questions get an empty answer (no `ech`, no other ports, no hints); other types are refused.
struct NameGuard {
    /// Where an answer goes: back the way the query came.
    struct ReturnPath: Hashable, Sendable {
        var agentAddress: IPAddress
        var agentPort: UInt16
        var serverAddress: IPAddress
    }

    private struct Pending {
        var query: DNSQuery
        var path: ReturnPath
        var identifier: UInt16
        /// What allowed the question, for the log of its answer.
        var origin: RuleOrigin?
        var observed: Denial?
    }

    private let agent: AgentID
    private let policy: CompiledPolicy
    private var pending: [UInt32: Pending] = [:]
    private var nextToken: UInt32 = 0

    init(agent: AgentID, policy: CompiledPolicy) {
        self.agent = agent
        self.policy = policy
    }

    mutating func query(
        _ bytes: Span<UInt8>, path: ReturnPath, identifier: UInt16, at now: Timestamp
    ) -> PacketOutcome {
        switch DNSQuery.parse(bytes) {
        case .malformed(let identifier):
            let denial = Denial(reason: .dnsMalformed, subject: "a query to \(path.serverAddress)")
            let decision = Decision(stage: .dns, agent: agent, denial: denial)
            guard let identifier, let packet = packet(DNSResponse.formatErrorMessage(identifier: identifier), path)
            else { return .drop(decision) }
            return .answer(packet, decision)
        case .query(let query):
            return judge(query, path: path, identifier: identifier)
        }
    }

    private mutating func judge(_ query: DNSQuery, path: ReturnPath, identifier: UInt16) -> PacketOutcome {
        var origin: RuleOrigin?
        var observed: Denial?
        switch policy.nameVerdict(query.name) {
        case .allow(let approved):
            origin = approved.origin
        case .deny(let denial):
            guard policy.mode == .observe, denial.reason.isWaivedByObserve else { return refuse(query, path, denial) }
            observed = denial
        }
        switch query.type {
        case .a, .aaaa:
            break
        case .https, .svcb:
            // Without such a record clients use the address records (RFC 9460 section 3).
            let decision = Decision(
                stage: .dns, action: .allow, agent: agent, subject: "\(query.name) \(query.type)",
                detail: "answered empty", origin: origin)
            return answer(query, path, DNSResponse(responseCode: DNSResponse.noError), decision)
        default:
            return refuse(query, path, Denial(reason: .dnsTypeNotAllowed, subject: "\(query.name) \(query.type)"))
        }
        guard pending.count < Limits.pendingQueries else {
            let denial = Denial(reason: .dnsTooManyQueries, subject: query.name.text)
            return refuse(query, path, denial, code: DNSResponse.serverFailure)
        }
        nextToken &+= 1
        pending[nextToken] = Pending(
            query: query, path: path, identifier: identifier, origin: origin, observed: observed)
        return .ask(ResolverQuestion(token: nextToken, message: query.forResolver(identifier: identifier)))
    }

    mutating func resolverAnswered(
        _ bytes: Span<UInt8>, token: UInt32, pins: inout PinTable, at now: Timestamp
    ) -> ResolverOutcome {
        guard let waiting = pending[token],
            let answer = DNSAnswer.parse(bytes, to: waiting.query, identifier: waiting.identifier)
        else { return .ignore }
        if answer.isTruncated, answer.addresses.isEmpty { return .askOverTCP }
        guard answer.responseCode == DNSResponse.noError || answer.responseCode == DNSResponse.noSuchName else {
            return .askNext("the resolver answered code \(answer.responseCode)")
        }
        pending[token] = nil
        let lifetime = min(answer.timeToLive, Limits.answerLifetimeSeconds)
        let kept = answer.addresses.filter { policy.isForbidden($0) == nil }
        if kept.isEmpty, let first = answer.addresses.first {
            let denial = Denial(reason: .dnsAnswerPrivate, subject: "\(waiting.query.name) (\(first))")
            return outcome(refuse(waiting.query, waiting.path, denial, code: DNSResponse.noError))
        }
        guard pins.pin(kept, to: waiting.query.name, for: agent, timeToLive: lifetime, at: now) else {
            let denial = Denial(reason: .ipTooManyFlows, subject: waiting.query.name.text)
            return outcome(refuse(waiting.query, waiting.path, denial, code: DNSResponse.serverFailure))
        }
        let removed = answer.addresses.count - kept.count
        let decision = Decision(
            stage: .dns, action: waiting.observed == nil ? .allow : .observe, agent: agent,
            subject: "\(waiting.query.name) \(waiting.query.type)", reason: waiting.observed?.reason,
            detail: removed == 0 ? nil : "\(removed) private or special addresses removed",
            origin: waiting.origin, remedy: waiting.observed?.remedy)
        let response = DNSResponse(
            responseCode: answer.responseCode, addresses: kept, timeToLive: kept.isEmpty ? 0 : lifetime)
        return outcome(self.answer(waiting.query, waiting.path, response, decision))
    }

    mutating func resolverFailed(token: UInt32, detail: String) -> ResolverOutcome {
        guard let waiting = pending.removeValue(forKey: token) else { return .ignore }
        let denial = Denial(reason: .dnsUpstreamFailed, subject: waiting.query.name.text)
        return outcome(
            refuse(waiting.query, waiting.path, denial, code: DNSResponse.serverFailure, detail: detail))
    }

    private func refuse(
        _ query: DNSQuery, _ path: ReturnPath, _ denial: Denial, code: UInt8 = DNSResponse.refused,
        detail: String? = nil
    ) -> PacketOutcome {
        var text = "portcullis \(denial.reason.rawValue): \(denial.reason.title)"
        text += denial.remedy.map { "; to allow: \($0)" } ?? ". \(denial.hint)"
        let response = DNSResponse(
            responseCode: code, extendedError: (code: denial.reason.ednsErrorCode ?? 0, text: text))
        return answer(
            query, path, response, Decision(stage: .dns, agent: agent, denial: denial, detail: detail))
    }

    private func answer(
        _ query: DNSQuery, _ path: ReturnPath, _ response: DNSResponse, _ decision: Decision
    ) -> PacketOutcome {
        let limit = min(Int(query.udpSize ?? 512), Limits.udpAnswerBytes)
        guard let packet = packet(response.message(for: query, sizeLimit: limit), path) else { return .drop(decision) }
        return .answer(packet, decision)
    }

    private func outcome(_ outcome: PacketOutcome) -> ResolverOutcome {
        guard case .answer(let packet, let decision) = outcome else { return .ignore }
        return .answer(packet, decision)
    }

    private func packet(_ message: [UInt8], _ path: ReturnPath) -> [UInt8]? {
        UDPDatagram.packet(
            from: path.serverAddress, port: 53, to: path.agentAddress, port: path.agentPort, payload: message)
    }
}

internal import Policy
internal import WireFormats

/// Judges DNS queries and filters what resolvers answer.
///
///     query ─▶ well formed? ─▶ policy ─▶ type ─▶ zone's budget ─▶ answered lately? ─▶ asked of a resolver
///     answer ─▶ filtered ─▶ budget ─▶ pinned ─▶ released
///
/// Only questions for addresses and service bindings of allowed names are asked of a resolver, in a message of our own
/// making; only what an agent may connect to comes back, pinned before it is released, in a message of our own making.
/// All else is refused.
struct NameGuard {
    struct Pending {
        var query: DNSQuery
        var path: NameReturnPath
        var identifier: UInt16
        /// What allowed the question, for the log of its answer.
        var origin: RuleOrigin?
        var observed: Denial?
        /// What is heard now came over TCP: it will not get any longer.
        var isAskedOverTCP = false
    }

    let agent: AgentID
    let policy: CompiledPolicy
    /// Flows may be forwarded by the kernel, so that QUIC is possible where a rule says `inspect: sni`.
    let forwards: Bool
    var pending: [UInt32: Pending] = [:]
    var budget: NameBudget
    var cache = AnswerCache()
    var targets = ServiceTargets()
    private var nextToken: UInt32 = 0

    init(agent: AgentID, policy: CompiledPolicy, forwards: Bool = false) {
        self.agent = agent
        self.policy = policy
        self.forwards = forwards
        budget = NameBudget(policy.dnsBudget)
    }

    /// Judges one message of an agent.
    ///
    /// - Parameter identifier: a fresh random number, for a question to a resolver.
    mutating func query(
        _ bytes: Span<UInt8>, path: NameReturnPath, identifier: UInt16, at now: Timestamp
    ) -> NameOutcome {
        switch DNSQuery.parse(bytes) {
        case .malformed(let identifier):
            let decision = Decision(
                stage: .dns, agent: agent, denial: Denial(reason: .dnsMalformed, subject: Self.subject(path)))
            guard let identifier, let reply = reply(DNSResponse.formatErrorMessage(identifier: identifier), path, isLast: true)
            else { return .drop(decision) }
            return .reply(reply, decision)
        case .query(let query):
            return judge(query, path: path, identifier: identifier, at: now)
        }
    }

    private mutating func judge(
        _ query: DNSQuery, path: NameReturnPath, identifier: UInt16, at now: Timestamp
    ) -> NameOutcome {
        var waiting = Pending(query: query, path: path, identifier: identifier)
        switch policy.nameVerdict(query.name) {
        case .allow(let approved):
            waiting.origin = approved.origin
        case .deny(let denial):
            guard policy.mode == .observe, denial.reason.isWaivedByObserve else { return refuse(waiting, denial) }
            waiting.observed = denial
        }
        guard query.type.isAnswered else { return refuseType(waiting, at: now) }
        if let excess = budget.refusal(of: query.name, at: now), let refusal = refuse(&waiting, excess) { return refusal }
        if let known = cache.answer(for: query.name, query.type, at: now) {
            let response = DNSResponse(
                responseCode: DNSResponse.noError, addresses: known.addresses, timeToLive: known.timeToLive)
            return answer(waiting, response, allowed(waiting, detail: "from the cache"))
        }
        guard pending.count < Limits.pendingQueries else {
            let denial = Denial(reason: .dnsTooManyQueries, subject: query.name.text)
            return refuse(waiting, denial, code: DNSResponse.serverFailure)
        }
        if let excess = budget.ask(query.name, at: now), let refusal = refuse(&waiting, excess) { return refusal }
        nextToken &+= 1
        pending[nextToken] = waiting
        return .ask(ResolverQuestion(token: nextToken, message: query.forResolver(identifier: identifier)))
    }

    /// Nothing of it goes out, but who keeps trying is looking for a way.
    private mutating func refuseType(_ waiting: Pending, at now: Timestamp) -> NameOutcome {
        let subject = "\(waiting.query.name) \(waiting.query.type)"
        if let excess = budget.askRefusedType(waiting.query.name, at: now), policy.mode != .observe {
            return refuse(waiting, Denial(reason: excess.reason, origin: waiting.origin, subject: subject), detail: excess.detail)
        }
        return refuse(waiting, Denial(reason: .dnsTypeNotAllowed, subject: subject))
    }

    /// - Returns: `nil` when the mode lets it pass; the query is marked then.
    func refuse(_ waiting: inout Pending, _ excess: NameBudget.Excess) -> NameOutcome? {
        let denial = Denial(reason: excess.reason, origin: waiting.origin, subject: waiting.query.name.text)
        guard policy.mode == .observe, excess.reason.isWaivedByObserve else {
            return refuse(waiting, denial, detail: excess.detail)
        }
        waiting.observed = waiting.observed ?? denial
        return nil
    }

    func refuse(
        _ waiting: Pending, _ denial: Denial, code: UInt8 = DNSResponse.refused, detail: String? = nil
    ) -> NameOutcome {
        var text = "portcullis \(denial.reason.rawValue): \(denial.reason.title)"
        text += denial.remedy.map { "; to allow: \($0)" } ?? ". \(denial.hint)"
        let response = DNSResponse(
            responseCode: code, extendedError: (code: denial.reason.ednsErrorCode ?? 0, text: text))
        return answer(waiting, response, Decision(stage: .dns, agent: agent, denial: denial, detail: detail))
    }

    func allowed(_ waiting: Pending, detail: String?) -> Decision {
        Decision(
            stage: .dns, action: waiting.observed == nil ? .allow : .observe, agent: agent,
            subject: "\(waiting.query.name) \(waiting.query.type)", reason: waiting.observed?.reason, detail: detail,
            origin: waiting.origin, remedy: waiting.observed?.remedy)
    }

    func answer(_ waiting: Pending, _ response: DNSResponse, _ decision: Decision) -> NameOutcome {
        let limit =
            switch waiting.path {
            case .datagram: min(Int(waiting.query.udpSize ?? 512), Limits.udpAnswerBytes)
            case .stream: Limits.streamAnswerBytes
            }
        guard let reply = reply(response.message(for: waiting.query, sizeLimit: limit), waiting.path, isLast: false)
        else { return .drop(decision) }
        return .reply(reply, decision)
    }

    private func reply(_ message: [UInt8], _ path: NameReturnPath, isLast: Bool) -> NameReply? {
        switch path {
        case .datagram(let agentAddress, let agentPort, let serverAddress):
            UDPDatagram.packet(from: serverAddress, port: 53, to: agentAddress, port: agentPort, payload: message)
                .map { .packet($0) }
        case .stream(let token): .message(message, stream: token, isLast: isLast)
        }
    }

    private static func subject(_ path: NameReturnPath) -> String {
        switch path {
        case .datagram(_, _, let serverAddress): "a query to \(serverAddress)"
        case .stream: "a query over TCP"
        }
    }
}

extension DNSRecordType {
    /// True for what leads to addresses; other types carry data.
    fileprivate var isAnswered: Bool { self == .a || self == .aaaa || self == .https || self == .svcb }
}

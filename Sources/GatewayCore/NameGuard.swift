internal import Policy
internal import WireFormats

/// Judges DNS queries and filters what resolvers answer.
///
///     query ─▶ well formed? ─▶ known? ─▶ refused as before │ zone's budget ─▶ answered as before
///                        └▶ policy ─▶ type ─▶ zone's budget ─▶ asked of a resolver
///     answer ─▶ filtered ─▶ budget ─▶ pinned ─▶ released
///
/// Only questions for addresses and service bindings of allowed names are asked of a resolver, in a message of our own
/// making; only what an agent may connect to comes back, pinned before it is released, in a message of our own making.
/// All else is refused.
struct NameGuard {
    struct Pending {
        var query: DNSQuery
        /// Of its name; see ``DNSName/hash(_:)``.
        var hash: Int
        var path: NameReturnPath
        var identifier: UInt16
        /// What allowed the question, for the log of its answer.
        var origin: RuleOrigin?
        var observed: Denial?
        /// What is heard now came over TCP: it will not get any longer.
        var isAskedOverTCP = false

        /// The name as it lies in the question section, before type and class.
        var name: ArraySlice<UInt8> { query.question.dropLast(4) }
    }

    let agent: AgentID
    let policy: CompiledPolicy
    /// Flows may be forwarded by the kernel, so that QUIC is possible where a rule says `inspect: sni`.
    let forwards: Bool
    var pending: [UInt32: Pending] = [:]
    var budget: NameBudget
    var cache = AnswerCache()
    var refusals = RefusedNames()
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
    /// - Parameters:
    ///   - identifier: a fresh random number, for a question to a resolver.
    ///   - answers: takes the packet that answers a datagram, at its end.
    mutating func query(
        _ bytes: Span<UInt8>, path: NameReturnPath, identifier: UInt16, at now: Timestamp, answers: inout [UInt8]
    ) -> NameOutcome {
        switch DNSQuestion.read(bytes) {
        case .malformed(let identifier):
            return refuseMalformed(identifier, path: path, answers: &answers)
        case .question(let question):
            let hash = DNSName.hash(bytes.extracting(question.name))
            if let outcome = known(question, in: bytes, hash: hash, path: path, at: now, answers: &answers) { return outcome }
            guard let query = DNSQuery(question, in: bytes) else {
                return refuseMalformed(question.identifier, path: path, answers: &answers)
            }
            var waiting = Pending(query: query, hash: hash, path: path, identifier: identifier)
            return judge(&waiting, at: now, answers: &answers)
        }
    }

    private mutating func judge(_ waiting: inout Pending, at now: Timestamp, answers: inout [UInt8]) -> NameOutcome {
        if let denial = deny(&waiting) {
            let refused = refusal(denial)
            refusals.keep(refused, for: waiting.name.span, hash: waiting.hash)
            return answer(waiting, refused.response, refused.decision, answers: &answers)
        }
        let query = waiting.query
        guard query.type.isAnswered else { return refuseType(waiting, at: now, answers: &answers) }
        if let excess = budget.refusal(of: query.name, at: now),
            let refusal = refuse(&waiting, excess, answers: &answers)
        {
            return refusal
        }
        // Where observe mode lets a refused zone pass: all others were known before this.
        if let (known, timeToLive) = cache.answer(for: query.name, query.type, at: now) {
            let response = DNSResponse(
                responseCode: DNSResponse.noError, addresses: known.addresses, timeToLive: timeToLive)
            return answer(waiting, response, allowed(waiting, detail: Self.fromTheCache), answers: &answers)
        }
        guard pending.count < Limits.pendingQueries else {
            let denial = Denial(reason: .dnsTooManyQueries, subject: query.name.text)
            return refuse(waiting, denial, code: DNSResponse.serverFailure, answers: &answers)
        }
        if let excess = budget.ask(query.name, at: now), let refusal = refuse(&waiting, excess, answers: &answers) {
            return refusal
        }
        nextToken &+= 1
        pending[nextToken] = waiting
        return .ask(ResolverQuestion(token: nextToken, message: query.forResolver(identifier: waiting.identifier)))
    }

    /// What the policy says of the name, into `waiting`.
    ///
    /// - Returns: what refuses it, if anything does.
    func deny(_ waiting: inout Pending) -> Denial? {
        switch policy.nameVerdict(waiting.query.name) {
        case .allow(let approved):
            waiting.origin = approved.origin
        case .deny(let denial):
            guard policy.mode == .observe, denial.reason.isWaivedByObserve else { return denial }
            waiting.observed = denial
        }
        return nil
    }

    /// Nothing of it goes out, but who keeps trying is looking for a way.
    private mutating func refuseType(_ waiting: Pending, at now: Timestamp, answers: inout [UInt8]) -> NameOutcome {
        let subject = "\(waiting.query.name) \(waiting.query.type)"
        if let excess = budget.askRefusedType(waiting.query.name, at: now), policy.mode != .observe {
            let denial = Denial(reason: excess.reason, origin: waiting.origin, subject: subject)
            return refuse(waiting, denial, detail: excess.detail, answers: &answers)
        }
        return refuse(waiting, Denial(reason: .dnsTypeNotAllowed, subject: subject), answers: &answers)
    }

    /// - Returns: `nil` when the mode lets it pass; the query is marked then.
    func refuse(_ waiting: inout Pending, _ excess: NameBudget.Excess, answers: inout [UInt8]) -> NameOutcome? {
        let denial = Denial(reason: excess.reason, origin: waiting.origin, subject: waiting.query.name.text)
        guard policy.mode == .observe, excess.reason.isWaivedByObserve else {
            return refuse(waiting, denial, detail: excess.detail, answers: &answers)
        }
        waiting.observed = waiting.observed ?? denial
        return nil
    }

    func refuse(
        _ waiting: Pending, _ denial: Denial, code: UInt8 = DNSResponse.refused, detail: String? = nil,
        answers: inout [UInt8]
    ) -> NameOutcome {
        let refused = refusal(denial, code: code, detail: detail)
        return answer(waiting, refused.response, refused.decision, answers: &answers)
    }

    private func refusal(
        _ denial: Denial, code: UInt8 = DNSResponse.refused, detail: String? = nil
    ) -> RefusedNames.Entry {
        var text = "portcullis \(denial.reason.rawValue): \(denial.reason.title)"
        text += denial.remedy.map { "; to allow: \($0)" } ?? ". \(denial.hint)"
        return RefusedNames.Entry(
            response: DNSResponse(
                responseCode: code, extendedError: (code: denial.reason.ednsErrorCode ?? 0, text: text)),
            decision: Decision(stage: .dns, agent: agent, denial: denial, detail: detail))
    }

    func allowed(_ waiting: Pending, detail: String?) -> Decision {
        Decision(
            stage: .dns, action: waiting.observed == nil ? .allow : .observe, agent: agent,
            subject: "\(waiting.query.name) \(waiting.query.type)", reason: waiting.observed?.reason, detail: detail,
            origin: waiting.origin, remedy: waiting.observed?.remedy)
    }

    /// The detail of an answer that no resolver was asked for.
    static let fromTheCache = "from the cache"
}

extension DNSRecordType {
    /// True for what leads to addresses; other types carry data.
    fileprivate var isAnswered: Bool { self == .a || self == .aaaa || self == .https || self == .svcb }
}

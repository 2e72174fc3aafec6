internal import Policy
internal import WireFormats

/// Answers to agents, written the way the query came: datagrams behind those that are in the caller's buffer already.
extension NameGuard {
    /// Answers what was answered or refused before in the same way, if it may still be.
    ///
    /// - Parameter hash: of the question's name.
    /// - Returns: `nil` for all that has to be judged. A datagram that is answered allocates nothing.
    func known(
        _ question: DNSQuestion, in bytes: Span<UInt8>, hash: Int, path: NameReturnPath, at now: Timestamp,
        answers: inout [UInt8]
    ) -> NameOutcome? {
        let name = bytes.extracting(question.name)
        let section = bytes.extracting(question.section)
        if let refused = refusals.entry(for: name, hash: hash) {
            return answer(question, section, path, refused.response, refused.decision, answers: &answers)
        }
        guard let (known, timeToLive) = cache.answer(for: name, hash: hash, question.type, at: now),
            !budget.isRefused(known.domain, at: now)
        else { return nil }
        let response = DNSResponse(responseCode: DNSResponse.noError, addresses: known.addresses, timeToLive: timeToLive)
        return answer(question, section, path, response, known.decision, answers: &answers)
    }

    func answer(
        _ waiting: Pending, _ response: DNSResponse, _ decision: Decision, answers: inout [UInt8]
    ) -> NameOutcome {
        answer(waiting.query.asked, waiting.query.question.span, waiting.path, response, decision, answers: &answers)
    }

    /// - Parameter section: the question section as sent.
    private func answer(
        _ question: DNSQuestion, _ section: Span<UInt8>, _ path: NameReturnPath, _ response: DNSResponse,
        _ decision: Decision, answers: inout [UInt8]
    ) -> NameOutcome {
        switch path {
        case .datagram(let agentAddress, let agentPort, let serverAddress):
            let limit = min(Int(question.udpSize ?? 512), Limits.udpAnswerBytes)
            let isWritten = UDPDatagram.append(
                from: serverAddress, port: 53, to: agentAddress, port: agentPort, behind: &answers
            ) { response.append(answering: question, section, sizeLimit: limit, to: &$0) }
            return isWritten ? .reply(.packet, decision) : .drop(decision)
        case .stream(let token):
            var message: [UInt8] = []
            response.append(answering: question, section, sizeLimit: Limits.streamAnswerBytes, to: &message)
            return .reply(.message(message, stream: token, isLast: false), decision)
        }
    }

    /// - Parameter identifier: of the message, where it can be answered at all.
    func refuseMalformed(_ identifier: UInt16?, path: NameReturnPath, answers: inout [UInt8]) -> NameOutcome {
        let decision = Decision(
            stage: .dns, agent: agent, denial: Denial(reason: .dnsMalformed, subject: Self.subject(path)))
        guard let identifier else { return .drop(decision) }
        let message = DNSResponse.formatErrorMessage(identifier: identifier)
        switch path {
        case .datagram(let agentAddress, let agentPort, let serverAddress):
            let isWritten = UDPDatagram.append(
                from: serverAddress, port: 53, to: agentAddress, port: agentPort, behind: &answers) { $0 += message }
            return isWritten ? .reply(.packet, decision) : .drop(decision)
        case .stream(let token):
            return .reply(.message(message, stream: token, isLast: true), decision)
        }
    }

    private static func subject(_ path: NameReturnPath) -> String {
        switch path {
        case .datagram(_, _, let serverAddress): "a query to \(serverAddress)"
        case .stream: "a query over TCP"
        }
    }
}

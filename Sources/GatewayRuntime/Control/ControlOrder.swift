internal import Policy
internal import WireFormats

/// What an operator asks of a running gateway.
enum ControlOrder: Hashable, Sendable {
    /// - Parameter agent: `nil` for everybody.
    case drop(agent: String?, reason: String)
    case raise(agent: String?, reason: String)
    /// - Parameter seconds: until the next one is due; `nil` for as long as the policy says.
    case heartbeat(seconds: UInt64?)
    case status
    case pins(agent: String)

    /// Why a request is no order: a status code, and words for a person.
    struct Refusal: Error, Hashable {
        var status: Int
        var words: String
    }

    /// From a request: `POST /v1/drop` with `agent=NAME` or `all=true`, and `reason=TEXT`, as a form or a query.
    static func read(method: String, target: String, body: ArraySlice<UInt8>) throws(Refusal) -> ControlOrder {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count == 2 ? Array(parts[1].utf8) : []
        guard let fields = FormFields(query + (query.isEmpty || body.isEmpty ? [] : [UInt8(ascii: "&")]) + body) else {
            throw Refusal(status: 400, words: "the parameters are no form: name=value, escaped, each once")
        }
        switch (method, parts[0]) {
        case ("POST", "/v1/drop"): return .drop(agent: try whom(fields, "agent", "all", "reason"), reason: try reason(fields))
        case ("POST", "/v1/raise"): return .raise(agent: try whom(fields, "agent", "all", "reason"), reason: try reason(fields))
        case ("POST", "/v1/heartbeat"):
            try only(fields, "seconds")
            guard let text = fields["seconds"] else { return .heartbeat(seconds: nil) }
            guard let seconds = UInt64(text), (1...86_400).contains(seconds) else {
                throw Refusal(status: 400, words: "seconds is a number from 1 to 86400")
            }
            return .heartbeat(seconds: seconds)
        case ("GET", "/v1/status"):
            try only(fields)
            return .status
        case ("GET", "/v1/pins"):
            try only(fields, "agent")
            guard let agent = fields["agent"] else { throw Refusal(status: 400, words: "say whose: agent=NAME") }
            return .pins(agent: agent)
        case (_, "/v1/drop"), (_, "/v1/raise"), (_, "/v1/heartbeat"): throw Refusal(status: 405, words: "that takes POST")
        case (_, "/v1/status"), (_, "/v1/pins"): throw Refusal(status: 405, words: "that takes GET")
        default:
            throw Refusal(status: 404, words: "there are /v1/drop, /v1/raise, /v1/heartbeat, /v1/status and /v1/pins")
        }
    }

    private static func whom(_ fields: FormFields, _ known: String...) throws(Refusal) -> String? {
        try only(fields, Set(known))
        let isAll = fields["all"] == "true"
        guard isAll == (fields["agent"] == nil) else { throw Refusal(status: 400, words: "say whom: agent=NAME or all=true") }
        return fields["agent"]
    }

    private static func reason(_ fields: FormFields) throws(Refusal) -> String {
        guard let reason = fields["reason"], !reason.allSatisfy(\.isWhitespace) else {
            throw Refusal(status: 400, words: "say why: reason=TEXT")
        }
        return reason
    }

    private static func only(_ fields: FormFields, _ known: String...) throws(Refusal) { try only(fields, Set(known)) }

    private static func only(_ fields: FormFields, _ known: Set<String>) throws(Refusal) {
        if let unknown = fields.names.subtracting(known).sorted().first {
            throw Refusal(status: 400, words: "unknown parameter \(TextSafety.printable(unknown, limitBytes: 64))")
        }
    }
}

internal import GatewayCore
internal import Policy
internal import WireFormats

/// Writes decisions as lines of JSON, each into the memory of the one before.
struct DecisionLine {
    private var json = JSONText()
    private var time = TimeText()

    /// The line written last, with its line feed.
    var bytes: [UInt8] { json.bytes }

    /// - Parameters:
    ///   - name: what the agent is called, where it has a name.
    ///   - wallNanoseconds: since 1970.
    mutating func write(_ decision: Decision, name: String? = nil, wallNanoseconds: UInt64) {
        json.removeAll()
        append(decision, name: name, wallNanoseconds: wallNanoseconds)
    }

    mutating func removeAll() { json.removeAll() }

    /// One more line, behind those that are there.
    mutating func append(_ decision: Decision, name: String?, wallNanoseconds: UInt64) {
        json.beginObject()
        json.member("time", bytes: time.rfc3339(wallNanoseconds).span)
        json.member("agent", decision.agent.number)
        if let name { json.member("agent_name", name) }
        json.member("stage", decision.stage.rawValue)
        json.member("action", decision.action.rawValue)
        json.member("subject", decision.subject)
        if let reason = decision.reason { json.member("reason", reason.rawValue) }
        if let detail = decision.detail { json.member("detail", detail) }
        if let origin = decision.origin { json.member("rule", origin.description) }
        if let remedy = decision.remedy { json.member("allow_with", remedy.text) }
        json.endObject()
        json.endLine()
    }
}

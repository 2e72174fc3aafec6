internal import GatewayCore
internal import Glibc
internal import LinuxKernel
internal import WireFormats

/// What was sealed and raised on this machine, by whom and why: a line each, written before the command returns, daemon or
/// no daemon.
enum SealJournal {
    static let path = StateFolder.path + "/kill-switch.jsonl"

    enum Event: String {
        case drop
        case raise
    }

    static func append(_ event: Event, agent: String, _ cause: SealCause, steps: [Cut.Step]) throws {
        var json = JSONText()
        json.beginObject()
        var time = TimeText()
        json.member("time", String(decoding: time.rfc3339(cause.at), as: UTF8.self))
        json.member("event", event.rawValue)
        json.member("agent", agent)
        json.member("cause", cause.code.rawValue)
        json.member("reason", cause.reason)
        if let uid = cause.uid { json.member("uid", uid) }
        json.key("steps")
        json.write(steps)
        json.endObject()
        try StateFolder.prepare()
        try FileText.append(Array((json.text + "\n").utf8), to: path, mode: 0o600)
    }
}

extension JSONText {
    mutating func write(_ steps: [Cut.Step]) {
        beginArray()
        for step in steps {
            beginObject()
            member("step", step.name)
            member("nanoseconds", step.nanoseconds)
            member("failed", step.hasFailed)
            member("detail", step.detail)
            endObject()
        }
        endArray()
    }
}

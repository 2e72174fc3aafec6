internal import LinuxKernel
internal import WireFormats

/// What the gateway around an agent says that the agent's names stand for.
package struct EvidencePins {
    /// Why processes did not answer: one that does not is not waited for again.
    private var silent: [Int32: String] = [:]

    package init() {}

    /// Asks it over its control socket.
    ///
    /// - Returns: a JSON array.
    /// - Throws: why there is no answer.
    package mutating func ask(_ subject: EvidenceSubject) throws -> String {
        let socket = subject.isJail ? ControlServer.path(ofJailOf: subject.gateway?.process ?? 0) : ControlServer.path
        let process = subject.gateway?.process ?? 0
        if let reason = silent[process] { throw SealFailure(reason) }
        let answer: ControlClient.Answer
        do {
            answer = try ControlClient.get("/v1/pins?agent=\(FormFields.escaped(subject.name))", socket: socket)
        } catch {
            silent[process] = "\(error)"
            throw error
        }
        let json = JSONValue(Array(answer.body.utf8).span)
        guard answer.status == 200 else {
            throw SealFailure("the gateway refused: \(answer.status), \(json?["error"]?.text ?? "without a reason")")
        }
        guard json?["agent"]?.text == subject.name, case .array(let pins) = json?["pins"] else {
            throw SealFailure("the gateway's answer is about something else")
        }
        var text = JSONText()
        text.beginArray()
        for pin in pins {
            text.beginObject()
            text.member("name", pin["name"]?.text)
            text.member("address", pin["address"]?.text)
            text.member("seconds_left", pin["seconds_left"]?.integer(UInt64.self))
            text.endObject()
        }
        text.endArray()
        return text.text
    }
}

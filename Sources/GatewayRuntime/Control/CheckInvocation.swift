internal import LinuxKernel
internal import Policy
internal import WireFormats

/// `portcullis check`, from its arguments to its exit code: whether the caller, who is an agent's tool, may act.
package struct CheckInvocation: Sendable {
    /// Where the gateway is asked.
    package var socket: String

    package init(socket: String = AgentServer.path) { self.socket = socket }

    /// What came of asking.
    enum Outcome: Hashable, Sendable {
        case open
        case sealed
        /// Nobody has said that the caller is not sealed.
        case unanswered(String)
    }

    /// How long connecting, and the answer, may take, in milliseconds each.
    private static let patience = 1000

    /// - Returns: the exit code: 0 for a caller that may act, 2 for one that may not.
    package func perform(fail: (String) -> Void, print: (String) -> Void) -> Int32 {
        let outcome = ask()
        print(Self.json(outcome))
        guard let denial = Self.denial(outcome) else { return 0 }
        fail("\(denial.code.map { "\($0): " } ?? "")\(denial.words) \(denial.remedy)")
        return 2
    }

    private func ask() -> Outcome {
        do {
            return Self.outcome(try ControlClient.get("/v1/sealed", socket: socket, milliseconds: Self.patience))
        } catch {
            return .unanswered("\(error)")
        }
    }

    static func outcome(_ answer: ControlClient.Answer) -> Outcome {
        let json = JSONValue(Array(answer.body.utf8).span)
        switch (answer.status, json?["sealed"]) {
        case (200, .bool(false)?): return .open
        case (200, .bool(true)?): return .sealed
        default: return .unanswered(json?["error"]?.text ?? "status \(answer.status)")
        }
    }

    static func denial(_ outcome: Outcome) -> (code: String?, words: String, remedy: String)? {
        switch outcome {
        case .open: return nil
        case .sealed:
            let denial = Denial(reason: .killSealed, subject: "this agent")
            return (denial.reason.rawValue, denial.sentence, denial.hint)
        case .unanswered(let why):
            return (
                nil, "Refused: the gateway that guards this process did not say that it may act (\(why)).",
                "An operator sees with `portcullis status` whether the gateway runs and whom it guards.")
        }
    }

    /// One object: agents read `decision` and `reason`, programs `code`.
    static func json(_ outcome: Outcome) -> String {
        var json = JSONText()
        json.beginObject()
        if let denial = denial(outcome) {
            json.member("decision", "block")
            json.member("reason", "\(denial.code.map { "\($0): " } ?? "")\(denial.words)")
            json.member("code", denial.code)
            json.member("remedy", denial.remedy)
        } else {
            json.member("decision", "allow")
        }
        json.endObject()
        return json.text
    }
}

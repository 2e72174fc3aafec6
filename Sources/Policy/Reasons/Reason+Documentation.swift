extension Reason {
    /// The page `Reasons.md` of the documentation, whole.
    package static var documentation: String {
        var lines = [
            "# Reasons",
            "",
            "Every refusal carries one of these codes: in the 403, in the DNS error, in the log and in the metrics.",
            "This page is generated from the same list.",
            "",
            "*HTTP* is the status of the answer when a request is refused; *EDE* the Extended DNS Error (RFC 8914) when a DNS",
            "query is; *observe* says whether `mode: observe` lets it pass. *Severity* is how much it says about the agent: what is",
            "critical counts for `critical_findings`, observed or not.",
        ]
        var group = ""
        for reason in allCases {
            if reason.group != group {
                group = reason.group
                lines += ["", "## \(group)"]
            }
            let explanation = reason.explanation
            lines += [
                "",
                "### \(reason.rawValue)",
                "",
                "\(explanation.title). \(explanation.sentence)",
                "",
                "\(explanation.remedyHint)",
                "",
                "HTTP \(explanation.httpStatus) · EDE \(explanation.ednsErrorCode.map(String.init) ?? "none") · observe: \(reason.isWaivedByObserve ? "passes" : "refused") · severity: \(reason.severity.rawValue)",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

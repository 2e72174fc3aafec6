package import WireFormats

/// What the policy says at each link of the chain, and which line decides.
package struct WhyAnswer: Hashable, Sendable {
    /// One question of the chain.
    package struct Link: Hashable, Sendable {
        /// `name`, `connection`, `server name`, `request` or `address`.
        package let name: String
        package let verdict: Verdict
    }

    package let query: WhyQuery
    package let mode: PolicyMode
    /// In the order in which traffic meets them; those after the first denial are still answered.
    package let links: [Link]
    /// What bounds questions for the name, where it may be asked for: its domain's budget.
    package let budget: String?

    package var isAllowed: Bool { links.allSatisfy(\.verdict.isAllowed) }

    /// The first denial, or what the last link says.
    package var decision: Verdict { links.first { !$0.verdict.isAllowed }?.verdict ?? links[links.count - 1].verdict }

    /// A line that answers all denials: the last one's, which is the narrowest.
    package var remedy: PolicyLine? {
        guard !links.contains(where: { $0.verdict.denial?.isByDenyRule == true }) else { return nil }
        return links.last { !$0.verdict.isAllowed }?.verdict.denial?.remedy
    }

    /// For the terminal.
    package var text: String {
        var lines = ["\(query): \(isAllowed ? "allowed" : "denied")"]
        for link in links {
            switch link.verdict {
            case .allow(let approved):
                let isLast = approved.inspection == .sni && link.name == "server name"
                lines.append("  \(link.name): allowed by \(approved.origin)" + (isLast ? "; nothing behind it is read" : ""))
            case .deny(let denial):
                let place = denial.origin.map { denial.isByDenyRule ? " by \($0)" : "; nearest rule: \($0)" } ?? ""
                lines.append("  \(link.name): denied\(place): \(denial.reason.rawValue): \(denial.sentence)")
            }
        }
        if let budget { lines.append("  \(budget)") }
        if let denial = decision.denial {
            if let remedy { lines += ["to allow it, add under `allow:`", "  \(remedy)"] } else { lines.append(denial.hint) }
            if mode == .observe, denial.reason.isWaivedByObserve { lines.append("mode is observe: it passes all the same, and is logged") }
        }
        return lines.joined(separator: "\n")
    }

    package func append(to json: inout JSONText) {
        json.beginObject()
        json.member("query", "\(query)")
        json.member("allowed", isAllowed)
        json.member("mode", mode.rawValue)
        json.key("links")
        json.beginArray()
        for link in links {
            json.beginObject()
            json.member("link", link.name)
            json.member("allowed", link.verdict.isAllowed)
            json.member("rule", link.verdict.origin?.description)
            json.member("reason", link.verdict.denial?.reason.rawValue)
            json.endObject()
        }
        json.endArray()
        json.member("budget", budget)
        json.member("rule", decision.origin?.description)
        json.member("reason", decision.denial?.reason.rawValue)
        json.member("remedy", remedy?.text)
        json.endObject()
    }
}

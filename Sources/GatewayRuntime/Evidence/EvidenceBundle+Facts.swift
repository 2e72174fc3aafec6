internal import LinuxKernel
internal import WireFormats

/// What the kernel says.
extension EvidenceBundle {
    mutating func addFacts() throws {
        request.progress("processes, sockets and flows")
        let facts = EvidenceFacts(of: request.subjects)
        manifest.missing += facts.missing
        try add("processes.json", "processes of the agents and their gateway", facts.processesJSON.bytes)
        try add("sockets.json", "sockets of the agents and their gateway", facts.socketsJSON.bytes)
        try add("conntrack.json", "flows as connection tracking has them", facts.conntrackJSON.bytes)
        try add("flows.json", "the same flows, with verdicts and processes", facts.flowsJSON.bytes)
        try add("ruleset.nft", "the gateway's tables in the kernel", Array(rulesets(of: facts).utf8))
        try add("system.json", "the machine, its links and addresses", system(facts).bytes)
    }

    private func rulesets(of facts: EvidenceFacts) -> String {
        var text = ""
        for (namespace, listing) in facts.rulesets {
            text += "# network namespace \(namespace): "
            text += (listing.tables.isEmpty ? "no table of the gateway's" : listing.tables.joined(separator: ", ")) + "\n"
            text += listing.text
        }
        return text
    }

    private func system(_ facts: EvidenceFacts) -> JSONText {
        var json = JSONText(stringLimitBytes: EvidenceLimits.stringBytes)
        json.beginObject()
        json.member("host", manifest.maker.host)
        json.member("kernel", manifest.maker.kernel)
        json.member("boot_id", manifest.maker.bootIdentifier)
        json.member("uptime_seconds", manifest.maker.uptimeSeconds)
        json.key("network_namespaces")
        json.beginArray()
        for (namespace, links, addresses) in facts.networks {
            json.beginObject()
            json.member("number", namespace)
            json.key("links")
            json.beginArray()
            for link in links {
                json.beginObject()
                json.member("index", link.index)
                json.member("name", link.name)
                json.member("kind", link.kind)
                json.member("up", link.isUp)
                json.member("master", link.master)
                json.key("addresses")
                json.beginArray()
                for address in addresses where address.index == link.index {
                    json.string("\(address.address)/\(address.prefixLength)")
                }
                json.endArray()
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        json.endObject()
        json.endLine()
        return json
    }
}

internal import LinuxKernel
internal import TLSInterception
package import WireFormats

/// Tries what a jail needs, piece by piece.
package enum Doctor {
    /// One thing that was tried.
    package struct Finding: Sendable {
        package var subject: String
        package var isGood: Bool
        /// What was found; for a bad one, what to do.
        package var detail: String

        package var text: String { "\(isGood ? "ok  " : "FAIL") \(subject): \(detail)" }

        package func append(to json: inout JSONText) {
            json.beginObject()
            json.member("subject", subject)
            json.member("ok", isGood)
            json.member("detail", detail)
            json.endObject()
        }
    }

    /// Runs the checks; changes the process's namespace, so it must be the last thing the process does.
    package static func examine() -> [Finding] {
        guard ProcessSettings.isRoot else {
            return [Finding(subject: "root", isGood: false, detail: "jails need root; call with sudo")]
        }
        var findings = [Finding(subject: "root", isGood: true, detail: "yes")]
        check("trust store", &findings, remedy: "install ca-certificates") {
            let bundle = try SystemTrust.bundle()
            return "\(PEM.blocks("CERTIFICATE", in: bundle.span).count) roots"
        }
        check("resolver", &findings, remedy: "put a nameserver line into /etc/resolv.conf") {
            let bytes = try FileText.read("/etc/resolv.conf", limit: Limits.resolverConfigurationBytes)
            let resolvers = ResolverConfiguration.resolvers(in: String(decoding: bytes, as: UTF8.self))
            guard !resolvers.isEmpty else { throw SystemCallError("find a nameserver", number: 2) }
            return resolvers.map(\.address.description).joined(separator: ", ")
        }
        check("network namespaces", &findings, remedy: "the kernel needs CONFIG_NET_NS; in a container, CAP_SYS_ADMIN") {
            try NetworkNamespace.enterNew()
            return "yes"
        }
        guard findings.last?.isGood == true else { return findings }
        check("ruleset and packet queue", &findings, remedy: "the kernel needs nf_tables with nat, reject and NFQUEUE") {
            let link = JailLink()
            let statement = try QueueTarget.kernelQueueStatement()
            try GatewayRuleset(
                agentLink: link.gatewayName, agentV4: link.agentV4, agentV6: link.agentV6,
                interceptPort: Limits.interceptPort, directPort: Limits.directPort, queue: Limits.queue
            ).load(statement)
            try PacketQueue.probe(number: Limits.queue)
            return statement.rawValue
        }
        check("raw sockets", &findings, remedy: "the process needs CAP_NET_RAW") {
            try RawPacketSender.probe()
            return "yes"
        }
        return findings
    }

    private static func check(
        _ subject: String, _ findings: inout [Finding], remedy: String, _ body: () throws -> String
    ) {
        do {
            findings.append(Finding(subject: subject, isGood: true, detail: try body()))
        } catch {
            findings.append(Finding(subject: subject, isGood: false, detail: "\(error); \(remedy)"))
        }
    }
}

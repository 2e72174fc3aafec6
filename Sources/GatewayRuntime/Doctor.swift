internal import LinuxKernel
internal import TLSInterception
package import WireFormats

/// Tries what a jail needs, piece by piece.
package enum Doctor {
    /// One thing that was tried.
    package struct Finding: Sendable {
        package var subject: String
        package var isGood: Bool
        /// False for what only some scopes of `up` need.
        package var isRequired = true
        /// What was found; for a bad one, what to do.
        package var detail: String

        package var text: String { "\(isGood ? "ok  " : isRequired ? "FAIL" : "none") \(subject): \(detail)" }

        package func append(to json: inout JSONText) {
            json.beginObject()
            json.member("subject", subject)
            json.member("ok", isGood)
            json.member("required", isRequired)
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
        // Asked once: where the kernel looks for a module first, it takes its time.
        let statement = Result { try QueueTarget.kernelQueueStatement() }
        check("ruleset and packet queue", &findings, remedy: "the kernel needs nf_tables with nat, reject and NFQUEUE") {
            let statement = try statement.get()
            try GatewayRuleset(JailLink()).load(statement)
            try PacketQueue.probe(number: Limits.queue)
            return statement.rawValue
        }
        check("ruleset of the service", &findings, remedy: "`up` needs nf_tables with maps, fib and nat in the inet family") {
            try load([.user(65_534), .interface("tap0", ports: nil)], statement.get())
            return "users and interfaces"
        }
        check("bridges", &findings, isRequired: false, remedy: "only `interface` scopes of bridges need nf_tables' bridge family") {
            try load([.interface("br0", ports: [])], statement.get())
            return "yes"
        }
        check("control groups", &findings, isRequired: false, remedy: "only `cgroup` scopes need cgroup2, mounted, and nf_tables' socket expression") {
            let (group, mountPoint) = try CgroupPath.anyGroup()
            guard let group else { return "cgroup2 at \(mountPoint); there is no group to try a rule with" }
            try load([.cgroup(group)], statement.get())
            return "cgroup2 at \(mountPoint)"
        }
        check("set-user-ID programs", &findings, isRequired: false, remedy: "only `user` scopes need BPF at the root of cgroup2; without, such programs are not covered") {
            try SocketTag.probe()
            return "known by their caller"
        }
        check("raw sockets", &findings, remedy: "the process needs CAP_NET_RAW") {
            try RawPacketSender.probe()
            return "yes"
        }
        check("kill switch", &findings, remedy: "`drop` needs nf_tables with dormant tables") {
            let (proof, median) = try killSwitch()
            return "woken and read back, \(proof.hookCount) hooks; \(median) µs to wake, the median of \(wakings)"
        }
        // Last: what it changes of the process stays.
        check("real-time priority", &findings, isRequired: false, remedy: "without, the kill switch of `up` waits its turn on a busy machine") {
            try ProcessSettings.bePrompt()
            return "yes"
        }
        return findings
    }

    /// How often the seal is woken for the time that it takes.
    private static let wakings = 20

    /// Wakes a seal of its own, reads it back, and takes it away.
    private static func killSwitch() throws -> (proof: SealProof, medianMicroseconds: UInt64) {
        let table = SealTable(agent: "doctor", extent: .namespace, servedMark: 0x5044_0000)
        try RulesetText.load(table.text(isAsleep: true))
        let loaded = try SealProof(table: table.name, hasBridge: table.hasBridge, expected: nil)
        guard loaded.state == .asleep else { throw SealFailure("\(table.name) is \(loaded.state) when it was loaded asleep") }
        let awake = try SealSwitch([(table.name, table.hasBridge)])
        let asleep = try SealSwitch([(table.name, table.hasBridge)], isAsleep: true)
        var times: [UInt64] = []
        for _ in 0..<wakings {
            try asleep.flip()
            let start = MonotonicClock.nanoseconds
            try awake.flip()
            times.append(MonotonicClock.nanoseconds - start)
        }
        let proof = try SealProof(table: table.name, hasBridge: table.hasBridge, expected: loaded.listing)
        guard proof.state == .inForce else { throw SealFailure("\(table.name) is \(proof.state) when it was woken") }
        try RulesetText.load("delete table inet \(table.name)\n")
        return (proof, times.sorted()[wakings / 2] / 1000)
    }

    /// Loads the service's ruleset with these scopes, and takes it away again.
    private static func load(_ matches: [HostRuleset.Match], _ statement: QueueStatement) throws(RulesetError) {
        let scopes = matches.enumerated().map { index, match in
            HostRuleset.Scope(
                number: UInt8(index + 1), match: match, queue: Limits.firstHostQueue, listenerPort: Limits.interceptPort)
        }
        try HostRuleset(gatewayUser: GatewayAccount.find().user, scopes: scopes).load(statement)
        _ = try HostRuleset.remove()
    }

    private static func check(
        _ subject: String, _ findings: inout [Finding], isRequired: Bool = true, remedy: String,
        _ body: () throws -> String
    ) {
        do {
            findings.append(Finding(subject: subject, isGood: true, isRequired: isRequired, detail: try body()))
        } catch {
            findings.append(Finding(subject: subject, isGood: false, isRequired: isRequired, detail: "\(error); \(remedy)"))
        }
    }
}

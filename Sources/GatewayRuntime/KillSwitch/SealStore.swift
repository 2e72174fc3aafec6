internal import GatewayCore
internal import LinuxKernel
internal import Policy

/// Which agents are sealed, on disk: a file for each, that outlives daemon and machine. Its being there is the seal,
/// whatever is in it.
struct SealStore: Sendable {
    let folder: String

    static let standard = SealStore(folder: StateFolder.path + "/seals")

    /// The name of the seal that is on everybody, those included that start later.
    static let everybody = "*"

    func isSealed(_ agent: String) -> Bool { has(agent) || has(Self.everybody) }

    /// Whether there is a record for exactly this name.
    func has(_ agent: String) -> Bool { FileText.exists(path(of: agent)) }

    /// Everybody with a record of their own.
    var agents: [String] {
        FolderListing.names(in: folder).compactMap { SealName.decoded($0) }.filter { $0 != Self.everybody }.sorted()
    }

    func path(of agent: String) -> String { "\(folder)/\(SealName.encoded(agent))" }

    /// - Returns: `nil` where the agent has none of its own. What cannot be read is a seal all the same.
    func record(of agent: String) -> SealRecord? {
        guard has(agent) else { return nil }
        let bytes = (try? FileText.read(path(of: agent), limit: GatewayCore.Limits.sealRecordBytes)) ?? []
        return SealRecord.read(bytes, agent: agent)
    }

    /// Writes a record, joined to the one that is there. On disk when it returns.
    func save(_ record: SealRecord) throws(SystemCallError) {
        // The daemon, which hears of a woken table, writes beside the command that woke it: neither may lose the other's
        // cause. Somebody who was stopped while writing is not waited for.
        try FileText.locking(folder, milliseconds: Self.lockMilliseconds) { () throws(SystemCallError) in
            let joined = self.record(of: record.agent).map { record.joined(to: $0) } ?? record
            try FileText.replace(path(of: record.agent), with: Array(joined.text.utf8), mode: 0o664)
        }
    }

    /// Enough for a slow disk.
    private static let lockMilliseconds = 250

    /// - Returns: false when there was none.
    func remove(_ agent: String) throws(SystemCallError) -> Bool { try FileText.remove(path(of: agent)) }

    /// Makes the folder, for the account that the service goes on as: it writes the records of what it seals itself.
    ///
    /// - Parameter account: `nil` to leave the folder as it is.
    func prepare(for account: GatewayAccount?) throws(SystemCallError) {
        // What is above it may be passed through: the account reads its own folder.
        try StateFolder.prepare()
        try FileText.makeFolder(folder, mode: 0o700)
        guard let account else { return }
        // The group is root's, so that jails' gateways, who are root without its privileges, write there too.
        try FileText.give(folder, to: GatewayAccount(user: account.user, group: 0), mode: 0o2770)
    }

    /// What is said to somebody who would start a sealed agent.
    func refusal(of agent: String) -> String {
        let whose = has(agent) ? "--agent \(agent)" : "--all"
        return "\(Reason.killSealed.rawValue): \(agent) is sealed, and stays so until `portcullis raise \(whose) --reason TEXT`"
    }
}

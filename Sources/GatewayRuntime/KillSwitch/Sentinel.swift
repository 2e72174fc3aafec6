internal import LinuxKernel
internal import Policy

/// The file whose being there seals everybody: for whoever can make a file and nothing else.
enum Sentinel {
    /// Where it is looked for when the policy names no other place.
    static let standardPath = "/run/portcullis/seal"

    static func path(_ policy: CompiledPolicy) -> String { policy.killSwitch.sentinel ?? standardPath }

    /// The path of one that is there, of those that the agents' services look for.
    static func standing(_ records: [AgentRecord]) -> String? {
        ([standardPath] + records.compactMap(\.sentinel)).first { FileText.exists($0) }
    }
}

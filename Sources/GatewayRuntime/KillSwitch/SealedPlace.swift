internal import LinuxKernel

/// A seal table that has been loaded, and what the registry says of it.
enum SealedPlace {
    /// - Parameters:
    ///   - table: loaded in the thread's network namespace.
    ///   - path: where that namespace can be entered by.
    static func record(_ table: SealTable, path: String) throws -> AgentRecord.Place {
        let namespace = try NetworkNamespace.current()
        return AgentRecord.Place(
            namespace: try NetworkNamespace.identifier(namespace), path: path, isOwn: table.extent == .namespace,
            table: table.name, hasBridge: table.hasBridge, text: table.text(isAsleep: false),
            listing: try SealProof(table: table.name, hasBridge: table.hasBridge, expected: nil).listing)
    }
}

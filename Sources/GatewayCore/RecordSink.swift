/// Where decisions are recorded before they are carried out. A seam: the recorder may be another process.
package protocol RecordSink: Sendable {
    /// - Throws: when the decision could not be recorded. The caller then denies.
    func record(_ decision: Decision) throws

    /// Records several that are carried out together, or throws: then none of them is carried out.
    func record(_ decisions: [Decision]) throws
}

extension RecordSink {
    package func record(_ decisions: [Decision]) throws {
        for decision in decisions { try record(decision) }
    }
}

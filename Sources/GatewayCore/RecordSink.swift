/// Where decisions are recorded before they are carried out. A seam: the recorder may be another process.
package protocol RecordSink: Sendable {
    /// - Throws: when the decision could not be recorded. The caller then denies.
    func record(_ decision: Decision) throws
}

/// Proof that the policy allows something. Only this target can make one.
package struct Approved: Hashable, Sendable {
    /// The allow rule.
    package let origin: RuleOrigin
    package let inspection: Inspection

    init(origin: RuleOrigin, inspection: Inspection) {
        self.origin = origin
        self.inspection = inspection
    }
}

/// The keys of a file's `kill_switch`, each on its own: what a file leaves out comes from what it extends.
struct KillSwitchKeys: Hashable, Sendable {
    /// A trigger that has a value when it is on, so that a file can turn off what it extends.
    enum Trigger<Value: Hashable & Sendable>: Hashable, Sendable {
        case off
        case on(Value)

        var value: Value? {
            switch self {
            case .off: nil
            case .on(let value): value
            }
        }
    }

    var criticalFindings: Trigger<FindingThreshold>?
    var recorderFailure: Bool?
    var heartbeatLostSeconds: Trigger<UInt64>?
    var rulesetTampered: Bool?
    var sentinel: String?

    /// Keys that are there already win.
    mutating func fill(from other: KillSwitchKeys) {
        criticalFindings = criticalFindings ?? other.criticalFindings
        recorderFailure = recorderFailure ?? other.recorderFailure
        heartbeatLostSeconds = heartbeatLostSeconds ?? other.heartbeatLostSeconds
        rulesetTampered = rulesetTampered ?? other.rulesetTampered
        sentinel = sentinel ?? other.sentinel
    }

    var rules: KillSwitchRules {
        let standard = KillSwitchRules.standard
        return KillSwitchRules(
            criticalFindings: criticalFindings?.value, recorderFailure: recorderFailure ?? standard.recorderFailure,
            heartbeatLostSeconds: heartbeatLostSeconds?.value,
            rulesetTampered: rulesetTampered ?? standard.rulesetTampered, sentinel: sentinel)
    }
}

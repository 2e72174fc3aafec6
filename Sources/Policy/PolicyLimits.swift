/// Every limit of the policy target, with the unit in its name. A file that hits one is refused, with the number.
package enum PolicyLimits {
    /// Text of one policy file. 100,000 hosts with a line or two each take 5 MiB.
    package static let policyFileBytes = 16 * 1024 * 1024
    /// Allow and deny entries of all files together.
    package static let ruleCount = 500_000
    /// How deep `extends` may nest.
    package static let extendsDepth = 8
    /// Files and presets that one policy may be made of.
    package static let extendsFileCount = 64
    /// Nested lists and mappings of the YAML text; the policy format itself needs four.
    package static let documentDepth = 16
    /// Problems reported for one load; the rest are counted.
    package static let problemCount = 100
    package static let pathPatternsPerRule = 256
    package static let pathPatternBytes = 512
    package static let portRangesPerRule = 64
    package static let resolverAddressCount = 8
    package static let extraCAFileCount = 64
    /// What budgets may be set to.
    package static let budgetNamesPerMinute = 100_000
    package static let budgetBytes = 1024...1 << 30
    package static let budgetEntropyBits = 1.0...6.0
    /// What `kill_switch` may be set to. A thousand findings are counted in 8 KiB an agent; a lease shorter than 5 s would be
    /// lost to a busy machine, one longer than a day is none.
    package static let criticalFindings = 1...1000
    package static let findingWindowSeconds: ClosedRange<UInt64> = 1...3600
    package static let heartbeatSeconds: ClosedRange<UInt64> = 5...86_400
    /// Bytes of a path and of one name in it (PATH_MAX without its terminator, NAME_MAX; linux/limits.h).
    package static let pathBytes = 4095
    package static let pathPartBytes = 255
    /// Agents of all files together; a mark has room for 255, and each has two threads.
    package static let agentCount = 64
    package static let commentBytes = 1024
    /// Text taken from traffic into a denial; the rest is cut.
    package static let denialSubjectBytes = 256
    /// A path longer than this is not written into a remedy: nobody pastes it.
    package static let remedyPathBytes = 200
}

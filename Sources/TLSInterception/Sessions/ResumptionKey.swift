/// Which connections may resume each other's sessions: same agent, same server, verified under the same policy.
struct ResumptionKey: Hashable, Sendable {
    let agent: String
    let identity: ServerIdentity
    let port: UInt16
    let policyGeneration: UInt64
}
